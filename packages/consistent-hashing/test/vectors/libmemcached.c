/*
 * Writes libmemcached.json: which server libmemcached itself chooses for 500 keys, with some lists
 * of servers. Needs no server to run.
 *
 *   apt-get install libmemcached-dev
 *   gcc libmemcached.c -lmemcached -lhashkit -o /tmp/vectors && /tmp/vectors > libmemcached.json
 */
#include <libmemcached/memcached.h>
#include <stdio.h>
#include <string.h>

static const char *lists[] = {
  "10.0.1.1:11211 600,10.0.1.2:11211 300,10.0.1.3:11211 200,10.0.1.4:11211 350,"
  "10.0.1.5:11211 1000,10.0.1.6:11211 800,10.0.1.7:11211 950,10.0.1.8:11211 100",
  "cache-a:11211 1,cache-b:11212 1,cache-c:11213 1",
  "10.0.0.1:12000 1,10.0.0.2:12000 2,10.0.0.3:12000 3,10.0.0.4:12000 5,10.0.0.5:12000 7,"
  "10.0.0.6:12000 11,10.0.0.7:12000 13",
  "a.example:11211 3,b.example:11211 3,c.example:11211 1",
};

int main(void) {
  int count = (int) (sizeof lists / sizeof *lists);
  printf("[\n");
  for (int list = 0; list < count; list++) {
    memcached_st *memc = memcached_create(NULL);
    memcached_behavior_set(memc, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    memcached_server_st *servers = memcached_servers_parse(lists[list]);
    memcached_server_push(memc, servers);
    printf("  { \"servers\": \"%s\",\n    \"indexes\": [", lists[list]);
    for (int key = 0; key < 500; key++) {
      char text[32];
      snprintf(text, sizeof text, "user:%d", key * 7919);
      printf("%s%u", key ? "," : "", memcached_generate_hash(memc, text, strlen(text)));
    }
    printf("] }%s\n", list + 1 < count ? "," : "");
    memcached_server_list_free(servers);
    memcached_free(memc);
  }
  printf("]\n");
  return 0;
}
