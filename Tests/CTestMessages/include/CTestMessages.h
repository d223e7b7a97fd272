/* The C structs of everything.proto; imported by MessagesTests only. */
#ifndef SIGNALBOX_CTestMessages_H
#define SIGNALBOX_CTestMessages_H

#include "CTestMessagesDescriptors.h"

#endif
