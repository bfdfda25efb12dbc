// Command worlds runs virtual worlds until an invariant breaks. It then names the invariant and
// exits with 1; if none breaks, it exits with 0. Its arguments are the first world and the last,
// and perhaps what fails in them, with commas, and how many times as often as usual, or, if it is
// less than 1, how often per call; and how many people live in each.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"example.org/mend/infra/simulation"
)

func main() {
	cfg := simulation.Config{Days: 45, People: 6, Faults: simulation.Faults, First: true}
	if err := read(&cfg, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "worlds:", err)
		os.Exit(2)
	}
	result := simulation.Run(cfg)
	if len(result.Violations) > 0 {
		fmt.Println(result.Violations[0])
		os.Exit(1)
	}
}

func read(cfg *simulation.Config, args []string) (err error) {
	if len(args) < 2 {
		return errors.New("which is the first world, and which the last?")
	}
	if cfg.Seed, err = strconv.ParseUint(args[0], 10, 64); err != nil {
		return err
	}
	last, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	cfg.Seeds = int(last - cfg.Seed + 1)
	if len(args) > 2 {
		cfg.Faults = strings.Split(args[2], ",")
	}
	if len(args) > 3 {
		cfg.Harder, err = strconv.ParseFloat(args[3], 64)
		if cfg.Harder < 1 {
			cfg.Rate = cfg.Harder
		}
	}
	if len(args) > 4 && err == nil {
		cfg.People, err = strconv.Atoi(args[4])
	}
	return err
}
