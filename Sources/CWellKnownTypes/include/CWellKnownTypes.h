/* The C structs of google.protobuf.Timestamp, Duration and Any; imported by ProtobufRuntime only. */
#ifndef SIGNALBOX_CWellKnownTypes_H
#define SIGNALBOX_CWellKnownTypes_H

#include "CWellKnownTypesDescriptors.h"

#endif
