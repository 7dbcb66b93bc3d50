/*
 * The sink of sink.ts, for throughput alone: a submission server that throws everything away, one thread a connection.
 *
 *     sink KEY_FILE CERT_FILE
 *
 * It prints its ports, then answers each line of standard input with its counts, and ends with the input.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <strings.h>

#include "connection.h"

enum kind { PLAIN, IMPLICIT, STARTTLS };

static atomic_long connections, messages, octets, commands, round_trips;
static SSL_CTX *context;

/* Replies that leave together, as soon as the client has nothing more to say. */
struct session {
  struct connection c;
  enum kind kind;
  size_t length;
  char replies[64 * 1024];
};

static void reply(struct session *s, const char *text) {
  size_t length = strlen(text);
  if (s->length + length > sizeof s->replies) return;
  memcpy(s->replies + s->length, text, length);
  s->length += length;
}

static int flush(struct session *s) {
  if (s->length == 0) return 1;
  round_trips++;
  int sent = send_all(&s->c, s->replies, s->length);
  s->length = 0;
  return sent;
}

static int start_tls(struct session *s) {
  SSL *tls = SSL_new(context);
  SSL_set_fd(tls, s->c.socket);
  if (SSL_accept(tls) != 1) {
    SSL_free(tls);
    return 0;
  }
  s->c.tls = tls;
  return 1;
}

static void accept_message(struct session *s) {
  char text[128];
  long number = ++messages;
  snprintf(text, sizeof text, "250 2.0.0 OK <%ld@sink.test> [Hostname=sink.test]\r\n", number);
  reply(s, text);
}

static int skip(struct session *s, size_t missing) {
  octets += (long)missing;
  while (missing > 0) {
    if (s->c.start == s->c.end && !fill(&s->c)) return 0;
    size_t count = s->c.end - s->c.start;
    if (count > missing) count = missing;
    s->c.start += count;
    missing -= count;
  }
  return 1;
}

/* The end is looked for at the end of what has arrived: the load generator never sends on behind it. */
static int receive_data(struct session *s) {
  char tail[5] = "\0\0\0\r\n";
  reply(s, "354 Go ahead\r\n");
  if (!flush(s)) return 0;
  while (memcmp(tail, "\r\n.\r\n", 5) != 0) {
    if (s->c.start == s->c.end && !fill(&s->c)) return 0;
    size_t count = s->c.end - s->c.start;
    const char *last = s->c.buffer + s->c.end;
    if (count >= 5) {
      memcpy(tail, last - 5, 5);
    } else {
      memmove(tail, tail + count, 5 - count);
      memcpy(tail + 5 - count, last - count, count);
    }
    octets += (long)count;
    s->c.start = s->c.end;
  }
  accept_message(s);
  return 1;
}

static void hello(struct session *s) {
  reply(s, "250-sink.test\r\n250-PIPELINING\r\n250-SIZE 157286400\r\n250-8BITMIME\r\n"
           "250-SMTPUTF8\r\n250-DSN\r\n250-CHUNKING\r\n");
  if (s->kind == STARTTLS && !s->c.tls) reply(s, "250-STARTTLS\r\n");
  reply(s, "250-AUTH XOAUTH2\r\n250 ENHANCEDSTATUSCODES\r\n");
}

/* Answers one command; 0 if it was the last. */
static int answer(struct session *s, char *line) {
  if (strncasecmp(line, "EHLO", 4) == 0) {
    hello(s);
  } else if (strncasecmp(line, "STARTTLS", 8) == 0) {
    reply(s, "220 2.0.0 Go ahead\r\n");
    return flush(s) && start_tls(s);
  } else if (strncasecmp(line, "AUTH", 4) == 0) {
    reply(s, "235 2.7.0 Authentication successful\r\n");
  } else if (strncasecmp(line, "DATA", 4) == 0) {
    return receive_data(s);
  } else if (strncasecmp(line, "BDAT ", 5) == 0) {
    char *end;
    size_t size = strtoul(line + 5, &end, 10);
    int last = strncasecmp(end, " LAST", 5) == 0;
    if (!skip(s, size)) return 0;
    if (last) accept_message(s);
    else reply(s, "250 2.0.0 Chunk taken\r\n");
  } else if (strncasecmp(line, "QUIT", 4) == 0) {
    reply(s, "221 2.0.0 Bye\r\n");
    return 0;
  } else {
    reply(s, "250 2.0.0 OK\r\n");
  }
  return 1;
}

static void *serve(void *argument) {
  struct session *s = argument;
  connections++;
  if (s->kind != IMPLICIT || start_tls(s)) {
    reply(s, "220 sink.test ESMTP\r\n");
    for (;;) {
      const char *unread = s->c.buffer + s->c.start;
      if (!memchr(unread, '\n', s->c.end - s->c.start) && !flush(s)) break;
      char *line = read_line(&s->c);
      if (!line) break;
      commands++;
      if (!answer(s, line)) break;
    }
    flush(s);
  }
  hang_up(&s->c);
  free(s);
  return NULL;
}

struct listener {
  int socket;
  enum kind kind;
};

_Noreturn static void accept_clients(struct listener *l) {
  int on = 1;
  for (;;) {
    int client = accept(l->socket, NULL, NULL);
    if (client < 0) continue;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct session *s = calloc(1, sizeof *s);
    s->c.socket = client;
    s->kind = l->kind;
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, s) == 0) pthread_detach(thread);
    else hang_up(&s->c), free(s);
  }
}

static void *run_listener(void *argument) { accept_clients(argument); }

/* Opens a port on the loopback address and returns its number. */
static int open_port(struct listener *l) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  l->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(l->socket, (struct sockaddr *)&address, length) || listen(l->socket, 1024)) fail("listen");
  getsockname(l->socket, (struct sockaddr *)&address, &length);
  pthread_t thread;
  pthread_create(&thread, NULL, run_listener, l);
  return ntohs(address.sin_port);
}

int main(int count, char **arguments) {
  if (count != 3) return fputs("Usage: sink KEY_FILE CERT_FILE\n", stderr), 64;
  signal(SIGPIPE, SIG_IGN);
  context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, arguments[2]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, arguments[1], SSL_FILETYPE_PEM) != 1) {
    fail("certificate");
  }
  struct listener listeners[] = {{.kind = PLAIN}, {.kind = IMPLICIT}, {.kind = STARTTLS}};
  int ports[3];
  for (int i = 0; i < 3; i++) ports[i] = open_port(&listeners[i]);
  printf("{\"plain\":%d,\"tls\":%d,\"starttls\":%d}\n", ports[0], ports[1], ports[2]);
  fflush(stdout);
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    printf("{\"connections\":%ld,\"messages\":%ld,\"octets\":%ld,\"commands\":%ld,\"roundTrips\":%ld}\n",
           connections, messages, octets, commands, round_trips);
    fflush(stdout);
  }
  return 0;
}
