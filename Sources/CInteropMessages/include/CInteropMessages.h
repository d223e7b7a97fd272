/* The C structs of grpc.testing; imported by signalbox-interop only. */
#ifndef SIGNALBOX_CInteropMessages_H
#define SIGNALBOX_CInteropMessages_H

#include "CInteropMessagesDescriptors.h"

#endif
