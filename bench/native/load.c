/*
 * The load generator of load.ts in C: clients in lock-step, one thread each. It takes the same options, apart from --bdat,
 * --pipelined and --tls implicit, and prints the same JSON object.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "connection.h"

enum { MOST_CLIENTS = 1024, NAME_OCTETS = 512 };

static struct {
  int port, starttls, xoauth2, clients, reuse;
  long octets, warm_up, count, seconds; /* a count of 0: any number; 0 seconds: any time */
  const char *people;
  char *message;
  size_t length;
} options = {.clients = 10, .octets = 4096, .warm_up = 1};

static SSL_CTX *context;
static pthread_barrier_t warm;
static atomic_long started;
static double from_ms;

struct client {
  pthread_t thread;
  struct connection c;
  int open;
  char username[NAME_OCTETS], password[8 * NAME_OCTETS], auth[16 * NAME_OCTETS], mail[2 * NAME_OCTETS];
  double *latencies;
  size_t count, room;
};

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* Waits for a reply; ends the program if it has another code. */
static void expect(struct client *k, const char *code) {
  for (;;) {
    char *line = read_line(&k->c);
    if (!line) {
      fprintf(stderr, "connection ended instead of %s\n", code);
      exit(1);
    }
    if (strncmp(line, code, 3) != 0) {
      fprintf(stderr, "%s instead of %s\n", line, code);
      exit(1);
    }
    if (line[3] != '-') return;
  }
}

static void command(struct client *k, const char *line, const char *code) {
  if (!send_all(&k->c, line, strlen(line))) fail("send");
  expect(k, code);
}

static void start_tls(struct client *k) {
  SSL *tls = SSL_new(context);
  SSL_set_fd(tls, k->c.socket);
  SSL_set1_host(tls, "localhost");
  if (SSL_connect(tls) != 1) fail("TLS handshake");
  k->c.tls = tls;
}

static void connect_client(struct client *k) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                .sin_port = htons((uint16_t)options.port)};
  int on = 1;
  k->c.socket = socket(AF_INET, SOCK_STREAM, 0);
  k->c.start = k->c.end = 0;
  if (connect(k->c.socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(k->c.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  expect(k, "220");
  command(k, "EHLO client.test\r\n", "250");
  if (options.starttls) {
    command(k, "STARTTLS\r\n", "220");
    start_tls(k);
    command(k, "EHLO client.test\r\n", "250");
  }
  command(k, k->auth, "235");
  k->open = 1;
}

static void quit(struct client *k) {
  if (!k->open) return;
  command(k, "QUIT\r\n", "221");
  hang_up(&k->c);
  k->open = 0;
}

static void send_message(struct client *k) {
  if (!k->open) connect_client(k);
  command(k, k->mail, "250");
  command(k, "RCPT TO:<somebody@recipient.test>\r\n", "250");
  command(k, "DATA\r\n", "354");
  if (!send_all(&k->c, options.message, options.length)) fail("send");
  expect(k, "250");
  if (!options.reuse) quit(k);
}

static void note(struct client *k, double latency) {
  if (k->count == k->room) {
    k->room = k->room ? 2 * k->room : 4096;
    k->latencies = realloc(k->latencies, k->room * sizeof *k->latencies);
  }
  k->latencies[k->count++] = latency;
}

static void *run(void *argument) {
  struct client *k = argument;
  for (long i = 0; i < options.warm_up; i++) send_message(k);
  if (pthread_barrier_wait(&warm) == PTHREAD_BARRIER_SERIAL_THREAD) from_ms = now_ms();
  pthread_barrier_wait(&warm);
  double until = options.seconds ? from_ms + options.seconds * 1e3 : 1e300;
  for (double at = now_ms(); at < until && (!options.count || started++ < options.count);) {
    send_message(k);
    double done = now_ms();
    note(k, done - at);
    at = done;
  }
  return NULL;
}

static void encode_auth(struct client *k) {
  unsigned char text[10 * NAME_OCTETS];
  int length = options.xoauth2
                   ? sprintf((char *)text, "user=%s\1auth=Bearer %s\1\1", k->username, k->password)
                   : sprintf((char *)text, "%c%s%c%s", 0, k->username, 0, k->password);
  int start = sprintf(k->auth, "AUTH %s ", options.xoauth2 ? "XOAUTH2" : "PLAIN");
  int end = EVP_EncodeBlock((unsigned char *)k->auth + start, text, length);
  strcpy(k->auth + start + end, "\r\n");
  sprintf(k->mail, "MAIL FROM:<%s>\r\n", k->username);
}

/* What the base64 of an attachment looks like: 76 characters a line (RFC 2045 section 6.8). */
static void make_message(void) {
  const char *header = "From: <sender@sender.test>\r\nTo: <somebody@recipient.test>\r\nSubject: bench\r\n"
                       "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n";
  const char *line = "UmFuZG9tIG9jdGV0cyBvZiBhbiBhdHRhY2htZW50IHRoYXQgbm9ib2R5IGV2ZXIgbG9va3MgYXQu\r\n";
  size_t head = strlen(header), width = strlen(line);
  long lines = (options.octets - (long)head) / (long)width;
  if (lines < 1) lines = 1;
  char *end = options.message = malloc(head + (size_t)lines * width + 4);
  end = stpcpy(end, header);
  while (lines-- > 0) end = stpcpy(end, line);
  end = stpcpy(end, ".\r\n");
  options.length = (size_t)(end - options.message);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(struct client *clients, double seconds) {
  size_t count = 0;
  for (int i = 0; i < options.clients; i++) count += clients[i].count;
  double *all = malloc((count + 1) * sizeof *all);
  size_t next = 0;
  for (int i = 0; i < options.clients; i++) {
    memcpy(all + next, clients[i].latencies, clients[i].count * sizeof *all);
    next += clients[i].count;
  }
  qsort(all, count, sizeof *all, by_size);
  if (count == 0) all[0] = 0;
  size_t last = count ? count - 1 : 0;
  printf("{\"messageCount\":%zu,\"seconds\":%f,\"messagesPerSecond\":%f,\"megabytesPerSecond\":%f,"
         "\"latencyMs\":{\"median\":%f,\"p95\":%f,\"p99\":%f}}\n",
         count, seconds, count / seconds, count * options.length / 1e6 / seconds, all[last / 2],
         all[(size_t)(last * 0.95)], all[(size_t)(last * 0.99)]);
}

/* Copies the string of a JSON member, which has no escapes, and returns what follows it. */
static char *read_member(char *json, const char *name, char *value, size_t room) {
  char *place = json ? strstr(json, name) : NULL;
  if (!place) return NULL;
  place = strchr(strchr(place + strlen(name), ':'), '"') + 1;
  size_t length = strcspn(place, "\"");
  if (length >= room) return NULL;
  memcpy(value, place, length);
  value[length] = 0;
  return place + length;
}

/* Gives each client its credentials: client n uses entry n, over and over. */
static void read_people(struct client *clients) {
  static char json[16 * 1024 * 1024];
  FILE *file = fopen(options.people, "r");
  if (!file) fail(options.people);
  json[fread(json, 1, sizeof json - 1, file)] = 0;
  fclose(file);
  char *next = json;
  for (int i = 0; i < options.clients; i++) {
    struct client *k = &clients[i];
    char *after = read_member(next, "\"username\"", k->username, sizeof k->username);
    if (!after && next != json) after = read_member(json, "\"username\"", k->username, sizeof k->username);
    next = read_member(after, "\"password\"", k->password, sizeof k->password);
    if (!next) fail("people: no credentials");
    encode_auth(k);
  }
}

static void read_options(int argument_count, char **arguments) {
  static const struct option names[] = {
      {"port", 1, 0, 'p'},    {"people", 1, 0, 'P'}, {"tls", 1, 0, 't'},     {"mechanism", 1, 0, 'm'},
      {"clients", 1, 0, 'c'}, {"reuse", 0, 0, 'r'},  {"octets", 1, 0, 'o'},  {"warm-up", 1, 0, 'w'},
      {"count", 1, 0, 'n'},   {"seconds", 1, 0, 's'}, {0, 0, 0, 0},
  };
  for (int name; (name = getopt_long(argument_count, arguments, "", names, NULL)) != -1;) {
    switch (name) {
      case 'p': options.port = atoi(optarg); break;
      case 'P': options.people = optarg; break;
      case 't': options.starttls = strcmp(optarg, "starttls") == 0; break;
      case 'm': options.xoauth2 = strcmp(optarg, "XOAUTH2") == 0; break;
      case 'c': options.clients = atoi(optarg); break;
      case 'r': options.reuse = 1; break;
      case 'o': options.octets = atol(optarg); break;
      case 'w': options.warm_up = atol(optarg); break;
      case 'n': options.count = atol(optarg); break;
      case 's': options.seconds = atol(optarg); break;
      default: exit(64);
    }
  }
  if (!options.port || !options.people || options.clients < 1 || options.clients > MOST_CLIENTS) {
    fputs("Usage: see load.ts\n", stderr);
    exit(64);
  }
  if (!options.count && !options.seconds) options.seconds = 2;
}

int main(int argument_count, char **arguments) {
  read_options(argument_count, arguments);
  const char *authority = getenv("DENO_CERT");
  context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (authority && SSL_CTX_load_verify_locations(context, authority, NULL) != 1) fail(authority);
  make_message();
  pthread_barrier_init(&warm, NULL, (unsigned)options.clients);
  struct client *clients = calloc((size_t)options.clients, sizeof *clients);
  read_people(clients);
  for (int i = 0; i < options.clients; i++) {
    if (pthread_create(&clients[i].thread, NULL, run, &clients[i])) fail("thread");
  }
  for (int i = 0; i < options.clients; i++) pthread_join(clients[i].thread, NULL);
  double seconds = (now_ms() - from_ms) / 1e3;
  for (int i = 0; i < options.clients; i++) quit(&clients[i]);
  report(clients, seconds);
  return 0;
}
