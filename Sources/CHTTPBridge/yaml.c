#include "chb_yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "cgb_checked.h"

struct chb_yaml {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    char failure[256];
};

chb_yaml *chb_yaml_create(const uint8_t *text, size_t count) {
    chb_yaml *yaml = cgb_checked(calloc(1, sizeof *yaml));
    if (!yaml_parser_initialize(&yaml->parser)) abort();
    yaml_parser_set_input_string(&yaml->parser, text, count);
    return yaml;
}

static void forget(chb_yaml *yaml) {
    if (yaml->has_event) yaml_event_delete(&yaml->event);
    yaml->has_event = false;
}

chb_yaml_event chb_yaml_next(chb_yaml *yaml) {
    for (;;) {
        forget(yaml);
        if (!yaml_parser_parse(&yaml->parser, &yaml->event)) {
            const yaml_parser_t *parser = &yaml->parser;
            snprintf(
                yaml->failure, sizeof yaml->failure, "line %zu, column %zu: %s", parser->problem_mark.line + 1,
                parser->problem_mark.column + 1, parser->problem == NULL ? "it is no YAML" : parser->problem);
            return chb_yaml_event_error;
        }
        yaml->has_event = true;
        switch (yaml->event.type) {
        case YAML_SCALAR_EVENT: return chb_yaml_event_scalar;
        case YAML_SEQUENCE_START_EVENT: return chb_yaml_event_sequence_start;
        case YAML_SEQUENCE_END_EVENT: return chb_yaml_event_sequence_end;
        case YAML_MAPPING_START_EVENT: return chb_yaml_event_mapping_start;
        case YAML_MAPPING_END_EVENT: return chb_yaml_event_mapping_end;
        case YAML_ALIAS_EVENT: return chb_yaml_event_alias;
        case YAML_DOCUMENT_END_EVENT:
        case YAML_STREAM_END_EVENT: return chb_yaml_event_end;
        default: break;
        }
    }
}

const char *chb_yaml_text(const chb_yaml *yaml, size_t *count, bool *is_plain) {
    if (yaml->has_event && yaml->event.type == YAML_SCALAR_EVENT) {
        *count = yaml->event.data.scalar.length;
        *is_plain = yaml->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        return (const char *)yaml->event.data.scalar.value;
    }
    *count = strlen(yaml->failure);
    *is_plain = false;
    return yaml->failure;
}

void chb_yaml_destroy(chb_yaml *yaml) {
    forget(yaml);
    yaml_parser_delete(&yaml->parser);
    free(yaml);
}
