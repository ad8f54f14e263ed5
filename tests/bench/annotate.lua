-- SPDX-License-Identifier: GPL-2.0-or-later
-- The annotations of tdsconn as a Lua postdissector, as far as Wireshark's own fields tell: what the bench compares
-- with.
--
-- It is written to be fast: a frame of anything else costs three look-ups; all other fields are asked for only in frames
-- that have TDS, SMP or TLS in a connection that is known. What it cannot know, because no field of Wireshark 4.0 says
-- it: the messages of an interleaved MARS response, TLS inside of TDS beyond its hellos (so an encrypted LOGIN7 and how
-- its login ended), who is the client where the SYN is missing, TDS on a port that Wireshark's TDS does not take, what
-- the sizes of an encrypted login say, which of several errors refused the login.

local proto = Proto("tdslua", "SQL Server connection (Lua)")

local STEP = { [0] = "Unknown", "TCP handshake", "Driver handshake", "TLS handshake", "Login", "Authentication",
               "Login confirmation", "Command", "Close" }
local STATE = { "Connecting", "Logging in", "Logged in", "Login failed", "Redirected", "Login unfinished", "Probe",
                "Joined midway" }
local AUTH = { [0] = "Unknown", "SQL", "NTLM", "Kerberos", "Entra" }
local ENCRYPTION = { [0] = "Unknown", "None", "Login only", "Full" }
local CLOSE = { "Normal", "Server closed first", "Client reset", "Server reset", "Reset after close",
                [7] = "Open at end of capture" }
local SENDER = { "client", "server" }
local SESSION = { [0] = "Unknown", "Established", "FIN sent by client", "FIN sent by server", "Closed" }
local CLIENT, SERVER = 1, 2

-- What a frame carries: number, text, code in the progress, step (nil = where the connection stands).
local MESSAGES = {
    { 1, "SYN", "S", 1 }, { 2, "SYN-ACK", "SA", 1 }, { 3, "FIN", "F", 8 }, { 4, "RST", "R", 8 }, { 5, "keep-alive" },
    { 6, "keep-alive ACK" }, { 7, "zero window" }, { 8, "retransmission" },
    { 10, "PRELOGIN", "PL", 2 }, { 11, "PRELOGIN response", "PR", 2 }, { 12, "TLS ClientHello", "CH", 3 },
    { 13, "TLS ServerHello", "SH", 3 }, { 14, "TLS client key exchange / Finished", "KE", 3 },
    { 15, "TLS server Finished", "CF", 3 }, { 20, "LOGIN7", "L7", 4 }, { 21, "LOGIN7 (encrypted)", "L7*", 4 },
    { 22, "SSPI (client)", "SS", 5 }, { 23, "SSPI (server)", "SR", 5 }, { 24, "NTLM NEGOTIATE" },
    { 25, "NTLM CHALLENGE", "NC", 5 }, { 26, "NTLM AUTHENTICATE", "NR", 5 }, { 27, "Kerberos AP-REQ" },
    { 30, "FedAuth token", "FT", 5 }, { 40, "LOGINACK", "LA", 6 }, { 41, "login ERROR", "ER", 6 },
    { 50, "SQL batch", "BAT", 7 }, { 51, "RPC", "RPC", 7 }, { 52, "Bulk load", "BLK", 7 },
    { 53, "Transaction manager request", "TM", 7 }, { 54, "Attention", "ATT", 7 }, { 55, "Response", "RES" },
    { 57, "Encrypted data", "ENC" }, { 58, "Response with ERROR", "RES", 7 }, { 60, "SMP SYN", "MS", 7 },
    { 61, "SMP ACK", "MA", 7 }, { 62, "SMP FIN", "MF", 7 }, { 63, "SMP DATA", "MD", 7 },
}
local text, code, step_of = {}, {}, {}
for _, message in ipairs(MESSAGES) do
    text[message[1]], code[message[1]], step_of[message[1]] = message[2], message[3], message[4]
end

local fields = {
    stream = ProtoField.uint32("tdslua.stream", "Connection"),
    sender = ProtoField.uint8("tdslua.sender", "Sender", base.DEC, SENDER),
    step = ProtoField.uint8("tdslua.step", "Step", base.DEC, STEP),
    message = ProtoField.uint8("tdslua.message", "Message", base.DEC, text),
    state = ProtoField.uint8("tdslua.state", "State", base.DEC, STATE),
    auth = ProtoField.uint8("tdslua.auth", "Authentication", base.DEC, AUTH),
    encryption = ProtoField.uint8("tdslua.encryption", "Encryption", base.DEC, ENCRYPTION),
    version = ProtoField.string("tdslua.version", "TDS version"),
    mars = ProtoField.bool("tdslua.mars", "MARS"),
    progress = ProtoField.string("tdslua.progress", "Progress"),
    spid = ProtoField.uint16("tdslua.spid", "SPID"),
    client = ProtoField.string("tdslua.client.address", "Client address"),
    client_port = ProtoField.uint16("tdslua.client.port", "Client port"),
    server = ProtoField.string("tdslua.server.address", "Server address"),
    server_port = ProtoField.uint16("tdslua.server.port", "Server port"),
    close = ProtoField.uint8("tdslua.close", "Close", base.DEC, CLOSE),
    start_frame = ProtoField.framenum("tdslua.login.start_frame", "Login starts in"),
    login_frame = ProtoField.framenum("tdslua.login.frame", "Login decided in"),
    user = ProtoField.string("tdslua.login.user", "User"),
    host = ProtoField.string("tdslua.login.host", "Client host"),
    app = ProtoField.string("tdslua.login.app", "Application"),
    library = ProtoField.string("tdslua.login.library", "Library"),
    database = ProtoField.string("tdslua.login.database", "Database"),
    login_server = ProtoField.string("tdslua.login.server", "Server asked for"),
    ntlm_user = ProtoField.string("tdslua.ntlm.user", "NTLM user"),
    ntlm_domain = ProtoField.string("tdslua.ntlm.domain", "NTLM domain"),
    error = ProtoField.uint32("tdslua.error.number", "Error"),
    error_message = ProtoField.string("tdslua.error.message", "Error message"),
    request_in = ProtoField.framenum("tdslua.request_in", "Request in"),
    response_in = ProtoField.framenum("tdslua.response_in", "Response in"),
    response_time = ProtoField.relative_time("tdslua.response_time", "Response time"),
    time_total = ProtoField.relative_time("tdslua.time.total", "Login took"),
    sid = ProtoField.uint16("tdslua.mars.sid", "MARS session"),
    mars_event = ProtoField.uint8("tdslua.mars.event", "Event"),
    mars_state = ProtoField.uint8("tdslua.mars.state", "State", base.DEC, SESSION),
    mars_label = ProtoField.string("tdslua.mars.label", "Label"),
    mars_open = ProtoField.uint16("tdslua.mars.open", "Sessions open"),
    mars_credit = ProtoField.uint32("tdslua.mars.credit", "Credit"),
    summary = ProtoField.string("tdslua.summary", "Summary"),
    last = ProtoField.bool("tdslua.last", "Last frame"),
}
local listed = {}
for _, field in pairs(fields) do
    listed[#listed + 1] = field
end
proto.fields = listed

local tcp_stream, tcp_flags, tcp_length = Field.new("tcp.stream"), Field.new("tcp.flags"), Field.new("tcp.len")
local tcp_analysis = Field.new("tcp.analysis.flags")
local tds_type, tds_status, tds_channel = Field.new("tds.type"), Field.new("tds.status"), Field.new("tds.channel")
local smp_sid, smp_flags = Field.new("smp.sid"), Field.new("smp.flags")
local smp_seqnum, smp_window = Field.new("smp.seqnum"), Field.new("smp.wndw")
local tls_content, tls_handshake = Field.new("tls.record.content_type"), Field.new("tls.handshake.type")
local option_encryption = Field.new("tds.prelogin.option.encryption")
local option_mars = Field.new("tds.prelogin.option.mars")
local login_version, loginack_version = Field.new("tds.7login.version"), Field.new("tds.loginack.tdsversion")
local ntlm_type, kerberos_type = Field.new("ntlmssp.messagetype"), Field.new("kerberos.msg_type")
local sspi, done_attention = Field.new("tds.sspi.buffer"), Field.new("tds.done.status.attn")
local error_number, error_text = Field.new("tds.error.number"), Field.new("tds.error.msgtext")

-- Facts that stand in the login, by our field.
local FACTS = {
    user = Field.new("tds.7login.username"), host = Field.new("tds.7login.clientname"),
    app = Field.new("tds.7login.appname"), library = Field.new("tds.7login.libraryname"),
    database = Field.new("tds.7login.databasename"), login_server = Field.new("tds.7login.servername"),
    ntlm_user = Field.new("ntlmssp.auth.username"), ntlm_domain = Field.new("ntlmssp.auth.domain"),
}

-- What TCP's analysis says, asked for only where it says something.
local ANALYSIS = {
    { Field.new("tcp.analysis.keep_alive"), 5 }, { Field.new("tcp.analysis.keep_alive_ack"), 6 },
    { Field.new("tcp.analysis.zero_window"), 7 }, { Field.new("tcp.analysis.retransmission"), 8 },
}

local FIN, SYN, RST, ACK = 1, 2, 4, 16
local REQUESTS = { [0x01] = 50, [0x03] = 51, [0x06] = 54, [0x07] = 52, [0x0E] = 53 }
local PORTS = { [1433] = true, [2433] = true }
local HANDSHAKES = { [1] = 12, [2] = 13, [16] = 14 }
local SMP_MESSAGES = { [1] = 60, [2] = 61, [4] = 62, [8] = 63 }
local VERSIONS = { [0x70] = "7.0", [0x71] = "7.1", [0x72] = "7.2", [0x73] = "7.3", [0x74] = "7.4" }

-- Without a library for bits: each Lua has another.
local function has(flags, flag)
    return flags % (2 * flag) >= flag
end

local connections, annotations, count -- by tcp.stream, by frame

function proto.init()
    connections, annotations, count = {}, {}, 0
end

-- The first pass. {{{

local function connection_new(stream, pinfo, by_client)
    local c = { number = count, step = 0, state = 1, auth = 0, encryption = 0, close = 7, mars = false,
                mars_asked = false, progress = "", facts = {}, sessions = {}, open = 0 }
    local source, target = tostring(pinfo.src), tostring(pinfo.dst)
    if by_client then
        c.client, c.client_port, c.server, c.server_port = source, pinfo.src_port, target, pinfo.dst_port
    else
        c.client, c.client_port, c.server, c.server_port = target, pinfo.dst_port, source, pinfo.src_port
    end
    connections[stream] = c
    count = count + 1
    return c
end

local function tell(c, a, message)
    a.messages = a.messages or {}
    a.messages[#a.messages + 1] = message
    local step = step_of[message]
    if step then
        c.step = step
        a.step = step
    end
    local short = code[message]
    if short and not c.progress_full then
        c.progress = c.progress .. (a.sender == SERVER and " <" or " >") .. short
        c.progress_full = #c.progress > 240 or (c.commanded and message == 55)
        c.commanded = c.commanded or (message >= 50 and message <= 54)
    end
end

local function decide(c, a, pinfo, state)
    if not c.login_frame then
        c.login_frame, c.login_time = pinfo.number, c.began and pinfo.rel_ts - c.began
    end
    c.state = state
    a.decided = true
end

-- A request leads to its response and back. `lane`: the connection, or the MARS session.
local function ask(lane, a, pinfo)
    lane.request, lane.requested, lane.answered = a, pinfo.rel_ts, false
end

local function answer(lane, a, pinfo)
    if lane.request and not lane.answered then
        lane.answered = true
        lane.request.response_in, a.response_time = pinfo.number, pinfo.rel_ts - lane.requested
    end
    a.request_in = lane.request and lane.request.frame
end

-- None if one side cannot, for the login only if nobody asks for more.
local function encryption(asked, answered)
    if asked == 2 or answered == 2 then
        return 1
    end
    return asked == 0 and answered == 0 and 2 or 3
end

local function see_prelogin(c, a, pinfo)
    local mine, mars = option_encryption(), option_mars()
    if a.sender == CLIENT then
        c.encryption_asked, c.mars_asked = mine and mine.value, mars and mars.value == 1
        c.start_frame = c.start_frame or pinfo.number
        c.state = 2
        ask(c, a, pinfo)
    else
        c.encryption = encryption(c.encryption_asked or 2, mine and mine.value or 2)
        c.mars = c.mars_asked and mars ~= nil and mars.value == 1
        answer(c, a, pinfo)
    end
    tell(c, a, a.sender == CLIENT and 10 or 11)
end

local function see_tls(c, a)
    for _, handshake in ipairs({ tls_handshake() }) do
        local message = HANDSHAKES[handshake.value]
        if message then
            tell(c, a, message)
        end
    end
    for _, content in ipairs({ tls_content() }) do
        if content.value == 23 then
            tell(c, a, c.state == 3 and 57 or (a.sender == CLIENT and not c.hidden_login and 21 or 57))
            c.hidden_login = c.hidden_login or a.sender == CLIENT
        elseif content.value == 20 and a.sender == SERVER then
            tell(c, a, 15)
        end
    end
end

local function see_facts(c, a)
    a.facts = {}
    for name, extract in pairs(FACTS) do
        local found = extract()
        if found and found.value ~= "" then
            c.facts[name], a.facts[name] = found.value, found.value
        end
    end
end

local function see_security(c, a, otherwise)
    local ntlm = ntlm_type()
    if ntlm then
        c.auth = 2
        tell(c, a, 23 + ntlm.value)
    elseif kerberos_type() then
        c.auth = 3
        tell(c, a, 27)
    elseif otherwise then
        tell(c, a, otherwise)
    end
end

local function see_login(c, a, pinfo)
    local version = login_version()
    c.version = version and VERSIONS[math.floor(version.value / 0x1000000)] or c.version
    c.start_frame = c.start_frame or pinfo.number
    c.state = 2
    see_facts(c, a)
    ask(c, a, pinfo)
    tell(c, a, 20)
    see_security(c, a)
end

local function see_sspi(c, a, pinfo)
    see_facts(c, a)
    ask(c, a, pinfo)
    see_security(c, a, 22)
end

local function see_request(c, a, pinfo, kind)
    local lane = a.lane or c
    c.state = c.state == 1 and 8 or c.state
    if kind == 0x06 then
        lane.attention = true
    else
        ask(lane, a, pinfo)
    end
    tell(c, a, REQUESTS[kind])
end

local function see_errors(a)
    local numbers, texts = { error_number() }, { error_text() }
    a.errors = {}
    for i, number in ipairs(numbers) do
        a.errors[i] = { number.value, texts[i] and texts[i].value or "" }
    end
    return #numbers > 0
end

local function see_response(c, a, pinfo)
    local lane = a.lane or c
    local failed, version = see_errors(a), loginack_version()
    answer(lane, a, pinfo)
    if version then
        c.version = VERSIONS[math.floor(version.value / 0x1000000)] or c.version
        c.auth = c.auth == 0 and c.facts.user and 1 or c.auth
        decide(c, a, pinfo, 3)
        tell(c, a, 40)
    elseif c.state == 2 and failed then
        decide(c, a, pinfo, 4)
        tell(c, a, 41)
    elseif c.state == 2 and sspi() then
        tell(c, a, 23)
        see_security(c, a)
    elseif lane.attention and done_attention() then
        lane.attention = false
        tell(c, a, 56)
    else
        tell(c, a, failed and 58 or 55)
    end
end

local function see_smp(c, a)
    local sids, flags, numbers, windows = { smp_sid() }, { smp_flags() }, { smp_seqnum() }, { smp_window() }
    a.smp = {}
    for i, sid in ipairs(sids) do
        local id, flag = sid.value, flags[i].value
        local session = c.sessions[id]
        if not session or flag == 1 then
            session = { state = 1, window = {} }
            c.sessions[id], c.open = session, c.open + 1
        end
        if flag == 4 then
            local mine, other = 1 + a.sender, 4 - a.sender
            if session.state == other then
                c.open = c.open - 1
            end
            session.state = session.state == other and 4 or mine
        end
        session.window[a.sender] = windows[i].value
        local limit = session.window[3 - a.sender]
        c.mars = true
        tell(c, a, SMP_MESSAGES[flag])
        a.smp[i] = { sid = id, event = flag, state = session.state, open = c.open,
                     label = id .. " " .. SESSION[session.state],
                     credit = limit and math.max(0, limit - numbers[i].value) }
        a.lane = session
    end
end

local function see_message(c, a, pinfo, kind)
    if REQUESTS[kind] then
        see_request(c, a, pinfo, kind)
    elseif kind == 0x12 or (kind == 0x04 and option_encryption()) then
        see_prelogin(c, a, pinfo)
    elseif kind == 0x04 then
        see_response(c, a, pinfo)
    elseif kind == 0x10 then
        see_login(c, a, pinfo)
    elseif kind == 0x11 then
        see_sspi(c, a, pinfo)
    elseif kind == 0x08 then
        c.auth = 4
        tell(c, a, 30)
    end
end

local function see_tds(c, a, pinfo, types)
    local status, channels = { tds_status() }, { tds_channel() }
    for i, kind in ipairs(types) do
        c.spid = channels[i].value ~= 0 and channels[i].value or c.spid
        if status[i].value % 2 == 1 then -- a message ends with this packet
            see_message(c, a, pinfo, kind.value)
        end
    end
end

local function see_close(c, a, flags)
    if has(flags, FIN) then
        c.fins = (c.fins or 0) + 1
        c.first = c.first or a.sender
        c.close = c.fins >= 2 and c.first or c.close
        tell(c, a, 3)
    end
    if has(flags, RST) then
        c.close = (c.fins or 0) >= 2 and 5 or (a.sender == CLIENT and 3 or 4)
        tell(c, a, 4)
    end
    if c.state == 2 then
        c.state = 6
    elseif c.state == 1 then
        c.state = 7
    end
end

-- A new connection: a SYN to one of its ports, or TDS in the middle.
local function claim(stream, pinfo, flags)
    if has(flags, SYN) then
        local by_client = not has(flags, ACK)
        if PORTS[by_client and pinfo.dst_port or pinfo.src_port] then
            local c = connection_new(stream, pinfo, by_client)
            c.began = pinfo.rel_ts
            return c
        end
    elseif tds_type() then
        local kind = tds_type().value
        return connection_new(stream, pinfo, kind ~= 0x04)
    end
end

local function observe(stream, pinfo)
    local c = connections[stream]
    local flags = tcp_flags().value
    if not c then
        c = claim(stream, pinfo, flags)
        if not c then
            return
        end
    end
    local by_client = pinfo.src_port == c.client_port
    if by_client and c.client_port == c.server_port then
        by_client = tostring(pinfo.src) == c.client -- text is slow: only if the ports do not tell
    end
    local a = { connection = c, frame = pinfo.number, step = c.step, sender = by_client and CLIENT or SERVER }
    annotations[pinfo.number] = a
    c.last_frame = pinfo.number
    if has(flags, SYN) then
        tell(c, a, not has(flags, ACK) and 1 or 2)
    end
    if tcp_analysis() then
        for _, row in ipairs(ANALYSIS) do
            if row[1]() then
                tell(c, a, row[2])
            end
        end
    end
    if tcp_length().value > 0 then
        if smp_sid() then
            see_smp(c, a)
        end
        local types = { tds_type() }
        if tls_content() then -- perhaps in PRELOGINs
            see_tls(c, a)
        elseif types[1] then
            see_tds(c, a, pinfo, types)
        end
    end
    if has(flags, FIN) or has(flags, RST) then
        see_close(c, a, flags)
    end
    return a
end

-- }}}

-- Showing. {{{

local FINAL = { "state", "auth", "encryption", "version", "mars", "progress", "client", "client_port", "server",
                "server_port", "close", "spid", "start_frame", "login_frame" }

local function summary(c)
    local user = c.facts.ntlm_user and (c.facts.ntlm_domain or "") .. "\\" .. c.facts.ntlm_user or c.facts.user or "?"
    return string.format("%s login of %s to %s:%d, %s, MARS %s, encryption %s, %s", AUTH[c.auth], user, c.server,
                         c.server_port, STATE[c.state], c.mars and "on" or "off", ENCRYPTION[c.encryption],
                         CLOSE[c.close])
end

local function show_smp(tree, smp)
    local group = tree:add(fields.mars_label, smp.label)
    group:add(fields.sid, smp.sid)
    group:add(fields.mars_event, smp.event)
    group:add(fields.mars_state, smp.state)
    group:add(fields.mars_open, smp.open)
    if smp.credit then
        group:add(fields.mars_credit, smp.credit)
    end
end

local function duration(seconds)
    local whole = math.floor(seconds)
    return NSTime.new(whole, math.floor((seconds - whole) * 1e9))
end

local function show_links(tree, a)
    if a.request_in then
        tree:add(fields.request_in, a.request_in)
    end
    if a.response_time then
        tree:add(fields.response_time, duration(a.response_time))
    end
    if a.response_in then
        tree:add(fields.response_in, a.response_in)
    end
    for _, one in ipairs(a.errors or {}) do
        tree:add(fields.error, one[1])
        tree:add(fields.error_message, one[2])
    end
end

local function show(root, a, pinfo)
    local c = a.connection
    local title = string.format("SQL Server Connection %d, %s, %s", c.number, STEP[a.step], AUTH[c.auth])
    local tree = root:add(proto, title)
    tree:add(fields.stream, c.number)
    tree:add(fields.sender, a.sender)
    tree:add(fields.step, a.step)
    for _, message in ipairs(a.messages or {}) do
        tree:add(fields.message, message)
    end
    for _, smp in ipairs(a.smp or {}) do
        show_smp(tree, smp)
    end
    for _, name in ipairs(FINAL) do
        local value = c[name]
        if value ~= nil then
            tree:add(fields[name], value)
        end
    end
    show_links(tree, a)
    local last = pinfo.visited and pinfo.number == c.last_frame
    local final = a.decided or last
    for name, value in pairs(final and c.facts or a.facts or {}) do
        tree:add(fields[name], value)
    end
    if final then
        if c.login_time then
            tree:add(fields.time_total, duration(c.login_time))
        end
        tree:add(fields.summary, summary(c))
    end
    if last then
        tree:add(fields.last, true)
    end
end

-- }}}

function proto.dissector(_, pinfo, root)
    local stream = tcp_stream()
    if not stream then
        return
    end
    local a
    if pinfo.visited then
        a = annotations[pinfo.number]
    else
        a = observe(stream.value, pinfo)
    end
    if a then
        show(root, a, pinfo)
    end
end

register_postdissector(proto)
