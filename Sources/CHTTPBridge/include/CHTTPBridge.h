#ifndef CHTTPBRIDGE_H
#define CHTTPBRIDGE_H

#include "chb_base64.h"
#include "chb_connection.h"
#include "chb_names.h"
#include "chb_stream.h"
#include "chb_yaml.h"

#endif
