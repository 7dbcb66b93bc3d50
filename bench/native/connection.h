/* One end of an SMTP connection, plain or with TLS, with blocking calls: what load.c and sink.c share. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_OCTETS = 256 * 1024 };

struct connection {
  int socket;
  SSL *tls; /* NULL while plain */
  size_t start, end;
  char buffer[BUFFER_OCTETS];
};

/* Reads more; 0 at the end of the connection. */
static inline int fill(struct connection *c) {
  if (c->start == c->end) c->start = c->end = 0;
  if (c->end == BUFFER_OCTETS) {
    memmove(c->buffer, c->buffer + c->start, c->end - c->start);
    c->end -= c->start;
    c->start = 0;
  }
  char *place = c->buffer + c->end;
  size_t room = BUFFER_OCTETS - c->end;
  ssize_t count = c->tls ? SSL_read(c->tls, place, (int)room) : recv(c->socket, place, room, 0);
  if (count <= 0) return 0;
  c->end += (size_t)count;
  return 1;
}

/* Returns the next line, ended by a NUL in the place of its CRLF; NULL at the end of the connection. */
static inline char *read_line(struct connection *c) {
  size_t searched = 0;
  for (;;) {
    char *line = c->buffer + c->start;
    size_t length = c->end - c->start;
    char *feed = memchr(line + searched, '\n', length - searched);
    if (feed) {
      c->start += (size_t)(feed - line) + 1;
      feed[feed > line && feed[-1] == '\r' ? -1 : 0] = 0;
      return line;
    }
    searched = length;
    if (length == BUFFER_OCTETS || !fill(c)) return NULL;
  }
}

/* Sends everything; 0 if the connection has ended. */
static inline int send_all(struct connection *c, const char *octets, size_t length) {
  while (length > 0) {
    ssize_t count = c->tls ? SSL_write(c->tls, octets, (int)length)
                           : send(c->socket, octets, length, MSG_NOSIGNAL);
    if (count <= 0) return 0;
    octets += count;
    length -= (size_t)count;
  }
  return 1;
}

static inline void hang_up(struct connection *c) {
  if (c->tls) SSL_free(c->tls);
  c->tls = NULL;
  close(c->socket);
}

static inline void fail(const char *what) {
  perror(what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

#endif
