#ifndef RELAIS_CLIBPQ_SHIM_H
#define RELAIS_CLIBPQ_SHIM_H

#include <libpq-fe.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#endif

#endif
