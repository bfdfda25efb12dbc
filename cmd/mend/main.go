// Command mend runs Mend on one machine, and holds the tools of its operators,
// developers and editors.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"example.org/mend/cmd/mend/run"
	"example.org/mend/shared/cadence"
)

// commands are a type for each command: its fields are its arguments and flags, its section of
// help.txt is what --help adds to them, and Run does it. An error of Run is exit code 1.
type commands struct {
	Run     run.Command `cmd:"" help:"Run everything on this machine: the site, a mailbox, a mail exchanger, the clock."`
	Preview previewCmd  `cmd:"" help:"Show a card or a letter as text, HTML or a raw message."`
	Content contentCmd  `cmd:"" help:"Check and list the cards, and begin new ones."`
	Parse   parseCmd    `cmd:"" help:"Show which words of a reply its author wrote."`
	Keys    keysCmd     `cmd:"" help:"Make and rotate the keys that sign links."`
	Check   checkCmd    `cmd:"" help:"Check that a deployment to AWS can succeed, before anything is created."`
	Doctor  doctorCmd   `cmd:"" help:"Check everything between Mend and a letter in an inbox."`
	Stats   statsCmd    `cmd:"" help:"Show how many people get letters, and what happened to the latest ones."`
	Plan    planCmd     `cmd:"" help:"Estimate what a number of people costs, and which limit they reach first."`
	Receive receiveCmd  `cmd:"" help:"Start or stop receiving mail for the reply domain of a stack on AWS."`
	Redrive redriveCmd  `cmd:"" help:"Try failed messages again."`
	Export  exportCmd   `cmd:"" help:"Write a copy of everything we keep about a person who asked for it."`
	Erase   eraseCmd    `cmd:"" help:"Erase everything about a person who asked for it."`
	Reopen  reopenCmd   `cmd:"" help:"Let letters go again to a mailbox that bounced and works again."`
	Restore restoreCmd  `cmd:"" help:"Make a backup safe to send from."`
	Rescue  rescueCmd   `cmd:"" help:"Save what can be read of a damaged data file."`
	Version versionCmd  `cmd:"" help:"Print the commit and the time zones of this program."`
	Help    helpCmd     `cmd:"" help:"Show what a command does."`
}

//go:embed help.txt
var helpFile string

func addHelp(k *kong.Kong) error {
	letters := strings.Join(letterNames(), ", ")
	for _, command := range k.Model.Leaves(false) {
		if _, section, ok := strings.Cut(helpFile, "\n# "+command.Path()+"\n"); ok {
			section, _, _ = strings.Cut(section, "\n# ")
			command.Detail = strings.ReplaceAll(strings.TrimSpace(section), "{letters}", letters)
		}
	}
	return nil
}

// helpCmd is `mend help [COMMAND]`: run turns it into `mend COMMAND --help`.
type helpCmd struct {
	Command []string `arg:"" optional:"" help:"The command."`
}

type versionCmd struct{}

// Run names the commit that the program was built from, and its time zone database.
func (versionCmd) Run(out io.Writer) error {
	var settings []debug.BuildSetting
	if info, ok := debug.ReadBuildInfo(); ok {
		settings = info.Settings
	}
	_, err := fmt.Fprintf(out, "mend %s, time zones %s\n", commitOf(settings), cadence.Edition())
	return err
}

// commitOf reads "1a8eec8dfeb9 of 29 November 2026, changed since". Go records the commit where it
// builds in a clone and -buildvcs is on (debug.BuildSetting).
func commitOf(settings []debug.BuildSetting) string {
	is := map[string]string{}
	for _, s := range settings {
		is[s.Key] = s.Value
	}
	commit := is["vcs.revision"]
	if commit == "" {
		return "of a commit that was not recorded (go build -buildvcs=true in a clone records it)"
	}
	commit = commit[:min(12, len(commit))]
	if at, err := time.Parse(time.RFC3339, is["vcs.time"]); err == nil {
		commit += at.Format(" of 2 January 2006")
	}
	if is["vcs.modified"] == "true" {
		commit += ", changed since"
	}
	return commit
}

// The exit codes: 0 when all went well, failed when a command could not do what it was
// asked, usage when it could not be told what that is.
const (
	failed = 1
	usage  = 2
)

func main() {
	os.Exit(execute(os.Args[1:]))
}

func execute(args []string) int {
	switch {
	case len(args) == 0:
		execute([]string{"--help"})
		return usage
	case args[0] == "help":
		args = append(slices.Clone(args[1:]), "--help")
	case slices.Equal(args, []string{"--version"}):
		args = []string{"version"}
	}
	if slices.ContainsFunc(args, func(arg string) bool {
		return arg == "" || strings.HasPrefix(arg, "-") && strings.HasSuffix(arg, "=")
	}) {
		fmt.Fprintln(os.Stderr, "mend: one of the arguments is empty: perhaps a variable of the shell isn't set.")
		return usage
	}
	var c commands
	code := -1
	parser := kong.Must(&c,
		kong.Name("mend"),
		kong.Description("Email check-ins for people who are rebuilding trust.\n\n"+
			"To try it: mend run, then open the address that it prints."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.PostBuild(addHelp),
		kong.Exit(func(c int) { code = c }),
		kong.BindTo(os.Stdout, (*io.Writer)(nil)),
		kong.BindToProvider(run.Interruptible),
	)
	ctx, err := parser.Parse(args)
	if code >= 0 { // --help
		return code
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mend:", run.Complaint("mend", err))
		return usage
	}
	switch err := ctx.Run(); {
	case errors.Is(err, errDeclined):
		fmt.Println("Nothing was changed.")
	case err != nil:
		fmt.Fprintln(os.Stderr, "mend:", err)
		return failed
	}
	return 0
}
