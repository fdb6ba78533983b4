// Puts values into etcd in a closed loop, and prints what it measured as one line of JSON: the same
// work as closed-loop.ts, by etcd's own client.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

func main() {
	endpoints := flag.String("endpoints", "", "the leader's address; several are parted by commas")
	callers := flag.Int("callers", 1, "puts under way at once")
	connections := flag.Int("connections", 1, "connections that the callers share")
	seconds := flag.Float64("seconds", 3, "how long")
	size := flag.Int("size", 256, "bytes of a value")
	reads := flag.Bool("reads", false, "linearizable gets instead of puts")
	flag.Parse()

	clients := make([]*clientv3.Client, *connections)
	for i := range clients {
		client, err := clientv3.New(clientv3.Config{
			Endpoints:   strings.Split(*endpoints, ","),
			DialTimeout: 5 * time.Second,
			Logger:      zap.NewNop(),
		})
		if err != nil {
			log.Fatal(err)
		}
		defer client.Close()
		clients[i] = client
	}
	value := strings.Repeat("x", *size)
	started := time.Now()
	end := started.Add(time.Duration(*seconds * float64(time.Second)))
	latencies := make([][]float64, *callers)
	var wait sync.WaitGroup
	for caller := 0; caller < *callers; caller++ {
		wait.Add(1)
		go func(caller int) {
			defer wait.Done()
			client := clients[caller%len(clients)]
			key := fmt.Sprintf("bench/%d", caller)
			for begin := time.Now(); begin.Before(end); {
				var err error
				if *reads {
					_, err = client.Get(context.Background(), key)
				} else {
					_, err = client.Put(context.Background(), key, value)
				}
				if err != nil {
					log.Fatal(err)
				}
				now := time.Now()
				latencies[caller] = append(latencies[caller], now.Sub(begin).Seconds()*1000)
				begin = now
			}
		}(caller)
	}
	wait.Wait()
	elapsed := time.Since(started).Seconds()
	var all []float64
	for _, own := range latencies {
		all = append(all, own...)
	}
	sort.Float64s(all)
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"perSecond": float64(len(all)) / elapsed,
		"p50Ms":     all[len(all)/2],
		"p99Ms":     all[len(all)*99/100],
	})
}
