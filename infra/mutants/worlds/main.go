// Command worlds runs virtual worlds until an invariant breaks, says which, and exits with 1; with 0 if none does.
// Its arguments are how many worlds, and perhaps what fails in them, with commas, and how many times as often as usual.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"example.org/mend/infra/simulation"
)

func main() {
	cfg := simulation.Config{Seed: 1, Days: 45, People: 6, Faults: simulation.Faults, First: true}
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
	if cfg.Seeds, err = strconv.Atoi(args[0]); err != nil || len(args) == 1 {
		return err
	}
	cfg.Faults = strings.Split(args[1], ",")
	if len(args) > 2 {
		cfg.Harder, err = strconv.ParseFloat(args[2], 64)
	}
	return err
}
