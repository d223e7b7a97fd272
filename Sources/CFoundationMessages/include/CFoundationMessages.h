/* The C structs of grpc.health.v1 and grpc.reflection; imported by RPCFoundation only. */
#ifndef SIGNALBOX_CFoundationMessages_H
#define SIGNALBOX_CFoundationMessages_H

#include "CFoundationMessagesDescriptors.h"

#endif
