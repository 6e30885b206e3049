#ifndef CHB_YAML_H
#define CHB_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The events of a YAML text, as libyaml parses it.
typedef struct chb_yaml chb_yaml;

/// The kinds of event that matter.
typedef enum __attribute__((enum_extensibility(closed))) chb_yaml_event {
    chb_yaml_event_end __attribute__((swift_name("end"))) = 0,
    chb_yaml_event_scalar __attribute__((swift_name("scalar"))) = 1,
    chb_yaml_event_sequence_start __attribute__((swift_name("sequenceStart"))) = 2,
    chb_yaml_event_sequence_end __attribute__((swift_name("sequenceEnd"))) = 3,
    chb_yaml_event_mapping_start __attribute__((swift_name("mappingStart"))) = 4,
    chb_yaml_event_mapping_end __attribute__((swift_name("mappingEnd"))) = 5,
    chb_yaml_event_alias __attribute__((swift_name("alias"))) = 6,
    chb_yaml_event_error __attribute__((swift_name("error"))) = 7,
} chb_yaml_event;

/// Makes a parser, which the caller owns, of bytes that outlive it.
chb_yaml *chb_yaml_create(const uint8_t *text, size_t count);

/// Goes on to the next event of the first document.
chb_yaml_event chb_yaml_next(chb_yaml *yaml);

/// Of a scalar its bytes, which live until the next event, and whether it stood without quotation marks; of an error what and where it is.
const char *chb_yaml_text(const chb_yaml *yaml, size_t *count, bool *is_plain);

/// Frees the parser.
void chb_yaml_destroy(chb_yaml *yaml);

#endif
