/* driver.c - runs a fuzz target on files, where there is no libFuzzer: driver FILE...
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#define INPUT_LIMIT (1 << 20)

static uint8_t input[INPUT_LIMIT];

/* Each input lies on the heap, exactly as long as it is. */
static bool run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t length = fread(input, 1, sizeof input, file);
    (void)fclose(file);
    uint8_t *copy = malloc(length == 0 ? 1 : length);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, input, length);
    (void)LLVMFuzzerTestOneInput(copy, length);
    free(copy);
    return true;
}

int main(int argc, char **argv)
{
    bool sound = argc > 1;
    for (int i = 1; i < argc; i++) {
        sound = run_file(argv[i]) && sound;
    }
    printf("%d inputs\n", argc - 1);
    return sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
