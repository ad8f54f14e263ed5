# From schema.json: an index template for Elasticsearch 7.8 or later and OpenSearch.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     jq -n --slurpfile schema schema.json -f docs/pipelines/template.jq

def type_of($field):
    if $field.texts then "keyword"
    else { FT_STRING: "keyword", FT_GUID: "keyword", FT_BOOLEAN: "boolean", FT_RELATIVE_TIME: "double",
           FT_UINT8: "long", FT_UINT16: "long", FT_UINT32: "long", FT_FRAMENUM: "long" }[$field.type] end;

def side: { properties: { address: { type: "ip" }, port: { type: "integer" } } };
def moment: { type: "date", format: "epoch_millis" };

{ index_patterns: ["tdsconn-*"],
  template: { mappings: {
      dynamic: false,
      properties:
          ({ start: moment, end: moment, client: side, server: side }
           + ([$schema[0] | to_entries[]
               | { key: (.key | gsub("\\."; "_") | sub("^tdsconn_"; "")), value: { type: type_of(.value) } }
               | select(.value.type)]
              | from_entries
              | del(.client_address, .client_port, .server_address, .server_port))) } } }
