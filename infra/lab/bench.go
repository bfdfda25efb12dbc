package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/mend/infra/lab/bench"
	"example.org/mend/shared/heap"
)

// benchCmd is `lab bench`: how fast letters go.
type benchCmd struct {
	Send     benchSendCmd     `cmd:"" help:"Send letters of real cards to people who do not exist, and measure what it takes."`
	SDK      benchSDKCmd      `cmd:"" name:"sdk" help:"Call the AWS SDK's SendEmail as often and do nothing else, to compare with."`
	Compare  benchCompareCmd  `cmd:"" help:"Do both in turns, and print the ratio."`
	Sizes    benchSizesCmd    `cmd:"" help:"Print how large letters are, by kind."`
	Parse    benchParseCmd    `cmd:"" help:"Measure how long reading a reply takes."`
	Endpoint benchEndpointCmd `cmd:"" help:"Stand in for SES: take every letter, and print the URL."`
}

type profileFlag struct {
	Profile string `help:"Write a CPU profile of the letters to this file, for go tool pprof." placeholder:"FILE" type:"path"`
}

// measure does something, with a profile of it if one was asked for, and prints the result.
func (p profileFlag) measure(do func(profile io.Writer) (bench.Result, error)) error {
	var profile io.Writer
	if p.Profile != "" {
		f, err := os.Create(p.Profile)
		if err != nil {
			return fmt.Errorf("write a profile: %w", err)
		}
		defer f.Close()
		profile = f
	}
	r, err := do(profile)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

type benchSendCmd struct {
	N       int     `required:"" help:"How many letters: one each to user1@example.test, user2@example.test and so on." name:"n"`
	SES     string  `required:"" help:"URL of an SES v2 endpoint. Nobody's account: see go run ./infra/lab bench endpoint." name:"ses" placeholder:"URL"`
	Data    string  `required:"" help:"Folder that keeps what was done." type:"path" placeholder:"DIR"`
	Store   string  `default:"file" help:"file (with fsync), nosync (the same file without fsync, for what the work in memory takes), or dynamo=URL."`
	Senders int     `default:"4" help:"How many send functions work at once; each has up to 25 letters on their way."`
	Quota   float64 `placeholder:"N" help:"Letters a second that the endpoint allows; 0: as fast as it goes."`
	Log     string  `help:"Write the service's own log to this file, as CloudWatch would get it." placeholder:"FILE" type:"path"`
	profileFlag
}

// Help is shown by --help.
func (benchSendCmd) Help() string {
	return `Each letter goes the whole way that it goes on AWS: the tick hands it out, the send function's handler claims it, chooses the card,
composes, signs, calls SendEmail over HTTP and records what came of it. JSON goes to the output, progress to the error output.

  go run ./infra/lab bench endpoint &                                    # prints the URL of a stand-in for SES
  go run ./infra/lab bench send --n 20000 --ses http://127.0.0.1:8025 --data /tmp/bench

Kill it at any moment and run the same again: it sends the rest. Nobody is left out and nobody gets two, but for those whose letter
was claimed and had no result at the kill: nobody knows whether they were sent, so they are listed as unknown_to and given up.
What the endpoint throttles (429) is sent later. It ends when every letter has come to its end.`
}

// Run sends.
func (c *benchSendCmd) Run() error {
	var log io.Writer = io.Discard
	if c.Log != "" {
		f, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		defer f.Close()
		log = f
	}
	if c.N < 1 || c.Senders < 1 || !(c.Quota >= 0 && c.Quota < 1e6) {
		return errors.New("--n and --senders are 1 at least, and --quota is 0 or a number of letters a second")
	}
	if err := answers(c.SES); err != nil {
		return err
	}
	return c.measure(func(profile io.Writer) (bench.Result, error) {
		return bench.Send(context.Background(), bench.Options{
			N: c.N, Endpoint: strings.TrimSuffix(c.SES, "/"), Data: c.Data, Store: c.Store, Senders: c.Senders,
			Quota: c.Quota, Say: os.Stderr, Log: log, Profile: profile,
		})
	})
}

type benchSizesCmd struct{}

// Help is shown by --help.
func (benchSizesCmd) Help() string {
	return "The letters are those of the year that `go run ./infra/lab year` tells."
}

// Run prints a line for each kind, and one for all.
func (benchSizesCmd) Run() error {
	y, err := (&yearCmd{Every: 20}).play(context.Background())
	if err != nil {
		return err
	}
	fmt.Println("kind            letters   bytes (mean)   largest")
	var all []int
	line := func(kind string, sizes []int) {
		sum := 0
		for _, n := range sizes {
			sum += n
		}
		fmt.Printf("%-15s %7d %14d %9d\n", kind, len(sizes), sum/len(sizes), slices.Max(sizes))
	}
	for _, kind := range slices.Sorted(maps.Keys(y.kinds)) {
		line(string(kind), y.kinds[kind])
		all = append(all, y.kinds[kind]...)
	}
	line("all", all)
	return nil
}

type benchSDKCmd struct {
	N   int    `required:"" help:"How many letters." name:"n"`
	SES string `required:"" help:"URL of an SES v2 endpoint." name:"ses" placeholder:"URL"`

	CollectLess bool `help:"Collect garbage as rarely as the functions do."`
	profileFlag
}

// answers reports whether something listens at an endpoint: a bench that waits for one that is not
// there would never end.
func answers(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("--ses %.100q is not a URL such as http://127.0.0.1:8025", endpoint)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(u.Hostname(), port), 3*time.Second)
	if err != nil {
		return fmt.Errorf("nothing answers at --ses %s: start go run ./infra/lab bench endpoint first (%w)",
			endpoint, err)
	}
	return conn.Close()
}

// Run sends.
func (c *benchSDKCmd) Run() error {
	if c.N < 1 {
		return errors.New("--n is 1 at least")
	}
	if err := answers(c.SES); err != nil {
		return err
	}
	if c.CollectLess {
		heap.CollectLess(0)
	}
	return c.measure(func(profile io.Writer) (bench.Result, error) {
		return bench.BareSDK(context.Background(), bench.Options{N: c.N, Endpoint: c.SES, Profile: profile})
	})
}

type benchEndpointCmd struct {
	Addr string `default:"127.0.0.1:8025" help:"Where to listen; port 0 picks a free one."`
}

// Run serves until it is killed.
func (c *benchEndpointCmd) Run() error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s (--addr): %w", c.Addr, err)
	}
	fmt.Printf("http://%s\n", l.Addr())
	return bench.Serve(l)
}

type benchCompareCmd struct {
	N      int    `default:"20000" help:"How many letters in each round." name:"n"`
	Rounds int    `default:"3" help:"How many rounds of each."`
	Store  string `default:"file" enum:"file,nosync" help:"file (with fsync), or nosync: as of bench send."`
}

// Help is shown by --help.
func (benchCompareCmd) Help() string {
	return "The endpoint and every round are processes of their own; " +
		"what is compared is the CPU time of those that send. The bare SDK collects garbage as Go does by itself, " +
		"and once more as rarely as the functions do."
}

// Run compares.
func (c *benchCompareCmd) Run() error {
	if c.N < 1 || c.Rounds < 1 {
		return errors.New("--n and --rounds are 1 at least")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mend-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	endpoint := exec.Command(self, "bench", "endpoint", "--addr", "127.0.0.1:0")
	said, err := endpoint.StdoutPipe()
	if err != nil {
		return err
	}
	if err := endpoint.Start(); err != nil {
		return err
	}
	defer func() { _ = endpoint.Process.Kill(); _ = endpoint.Wait() }()
	url, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		return fmt.Errorf("start the stand-in for SES: %w", err)
	}
	common := []string{"--n", strconv.Itoa(c.N), "--ses", strings.TrimSpace(url)}
	var sdk, sdkLess, whole, withSetUp []float64
	fmt.Println("CPU seconds for 1,000 letters       bare SDK   whole path      ratio")
	for round := range c.Rounds {
		bare, err := measure(self, append([]string{"bench", "sdk"}, common...))
		if err != nil {
			return err
		}
		less, err := measure(self, append([]string{"bench", "sdk", "--collect-less"}, common...))
		if err != nil {
			return err
		}
		data := filepath.Join(dir, strconv.Itoa(round))
		ours, err := measure(self, append([]string{"bench", "send", "--store", c.Store, "--data", data}, common...))
		if err != nil {
			return err
		}
		if ours.Accepted != c.N {
			return fmt.Errorf("%d of %d letters were accepted", ours.Accepted, c.N)
		}
		sdk, sdkLess = append(sdk, bare.CPUSeconds), append(sdkLess, less.CPUSeconds)
		whole = append(whole, ours.CPUSeconds)
		setUp := ours.SetUpCPU * 1000 / float64(c.N)
		withSetUp = append(withSetUp, ours.CPUSeconds+setUp)
		fmt.Printf("  round %d, %6d letters %19.3f %12.3f %10.2f\n",
			round+1, c.N, bare.CPUSeconds, ours.CPUSeconds, ours.CPUSeconds/bare.CPUSeconds)
		fmt.Printf("    garbage collected less %18.3f %12.3f %10.2f\n",
			less.CPUSeconds, ours.CPUSeconds, ours.CPUSeconds/less.CPUSeconds)
		fmt.Printf("    allocations for 1,000 %19.0f %12.0f %10.2f\n",
			bare.Allocations, ours.Allocations, ours.Allocations/bare.Allocations)
		fmt.Printf("    set-up before them    %19.3f %12.3f\n", 0.0, setUp)
		fmt.Printf("    letters a second      %19.0f %12.0f\n", bare.LettersPerSecond, ours.LettersPerSecond)
		fmt.Printf("    bytes of a letter     %19d %12d\n", bare.LetterBytes, ours.LetterBytes)
	}
	target := 0.95
	if c.Store == "nosync" {
		target = 0.75
	}
	fmt.Printf("median ratio of letters alone %.2f (target: %.2f at most), with set-up %.2f, "+
		"and %.2f to an SDK that collects as rarely\n",
		middle(whole)/middle(sdk), target, middle(withSetUp)/middle(sdk), middle(whole)/middle(sdkLess))
	return nil
}

// measure runs one of the others in a process of its own.
func measure(self string, args []string) (r bench.Result, err error) {
	out, err := exec.Command(self, args...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return r, fmt.Errorf("mend %s: %w\n%s", strings.Join(args, " "), err, failed.Stderr)
	}
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(out, &r)
}

func middle(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }
