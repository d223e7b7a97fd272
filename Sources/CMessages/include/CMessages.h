/* The C structs of signalbox.v1; imported by Messages only. */
#ifndef SIGNALBOX_CMessages_H
#define SIGNALBOX_CMessages_H

#include "CMessagesDescriptors.h"

#endif
