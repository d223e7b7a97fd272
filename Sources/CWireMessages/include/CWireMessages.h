#ifndef SIGNALBOX_CWireMessages_H
#define SIGNALBOX_CWireMessages_H

#include "CWireMessagesDescriptors.h"

#endif
