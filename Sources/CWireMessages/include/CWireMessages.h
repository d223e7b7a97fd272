/* The C structs of google.rpc statuses and the ttrpc envelope; imported by RPC only. */
#ifndef SIGNALBOX_CWireMessages_H
#define SIGNALBOX_CWireMessages_H

#include "CWireMessagesDescriptors.h"

#endif
