package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"example.org/mend/shared/capacity"
)

// A newcomer types what the docs say, word for word. Each command of ours parses, each target of
// make is there, and each parameter of a deployment is the template's.
func TestTheCommandsInTheDocsAreTrue(t *testing.T) {
	var makefiles strings.Builder
	for _, pattern := range []string{"../../Makefile", "../../infra/*.mk"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			makefiles.Write(text)
		}
	}
	parameters, err := readParameters("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ours := regexp.MustCompile("go run \\./cmd/mend ([^`\n#;]+)")
	targets := regexp.MustCompile("(?:^|`)make ([a-z0-9-]+)")
	given := regexp.MustCompile(`PARAMETERS='([^']*)'`)
	commands, made := 0, 0
	t.Chdir("../..")
	for _, f := range append(docs, "../../README.md", "../../CONTRIBUTING.md", "../../content/README.md") {
		text, err := os.ReadFile(strings.TrimPrefix(f, "../../"))
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(f, "../../")
		for _, m := range ours.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "COMMAND") {
				continue
			}
			commands++
			if err := parses(strings.Fields(m[1])); err != nil && !strings.Contains(err.Error(), "no such file") {
				t.Errorf("%s: go run ./cmd/mend %s: %v", name, m[1], err)
			}
		}
		for _, m := range targets.FindAllStringSubmatch(string(text), -1) {
			made++
			if !strings.Contains(makefiles.String(), "\n"+m[1]+":") {
				t.Errorf("%s: there is no make %s", name, m[1])
			}
		}
		for _, m := range given.FindAllStringSubmatch(string(text), -1) {
			for _, p := range strings.Fields(m[1]) {
				key, _, _ := strings.Cut(p, "=")
				if _, known := parameters[key]; !known {
					t.Errorf("%s: the template has no parameter %s", name, key)
				}
			}
		}
	}
	if commands < 10 || made < 10 {
		t.Errorf("%d commands and %d targets were read", commands, made)
	}
}

// The guide's table of costs is what mend plan says, and counts the alarms of the template.
func TestTheCostsOfTheGuideAreThoseOfThePlan(t *testing.T) {
	guide, err := os.ReadFile("../../docs/aws.md")
	if err != nil {
		t.Fatal(err)
	}
	alarms, err := os.ReadFile("../../infra/alarms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c commands
	parser, err := kong.New(&c)
	if err == nil {
		_, err = parser.Parse([]string{"plan", "1000"})
	}
	if err != nil {
		t.Fatal(err)
	}
	fast, slow := capacity.At(200), capacity.At(14)
	plan, err := capacity.NewPlan(c.Plan.Asked, slow)
	if err != nil {
		t.Fatal(err)
	}
	// An alarm costs 10 cents for each metric that it watches. Ten are free.
	_, watching, _ := strings.Cut(string(alarms), "# --- alarms")
	metrics := len(regexp.MustCompile(`(?m)^ +MetricName: |Metric: \{.*MetricName: `).FindAllString(watching, -1)) - 10
	kept := fast.Kept
	for _, want := range []string{
		fmt.Sprintf("$%.2f a month: $%.2f by use", fast.IdleMonthUSD+0.10*float64(metrics), fast.IdleMonthUSD),
		fmt.Sprintf("%d metrics that alarms watch", metrics),
		fmt.Sprintf("$%.2f for all the rest at 200 letters a second", fast.PerMillion.USDBesidesSES),
		fmt.Sprintf("at 14 a second it is $%.2f", slow.PerMillion.USDBesidesSES),
		fmt.Sprintf("$%.2f for SES, which takes the mail, $%.3f for all the rest", fast.PerThousandReplies.USDSES,
			fast.PerThousandReplies.USDBesidesSES),
		fmt.Sprintf("| a thousand page views | $%.3f |", fast.PerThousandPages.USDBesidesSES),
		fmt.Sprintf("letters %.2f GB, of a million replies %.2f GB: $%.2f and $%.2f a month",
			kept.LetterBytes*1e6/(1<<30), kept.ReplyBytes*1e6/(1<<30), kept.USDMonthPerMillionLetters,
			kept.USDMonthPerMillionReplies),
		fmt.Sprintf("$%.2f for SES, $%.2f for the rest, alarms beside", plan.USDMonthSES, plan.USDMonth),
	} {
		if !strings.Contains(string(guide), want) {
			t.Errorf("docs/aws.md doesn't say %q", want)
		}
	}
}

func parses(args []string) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("mend"))
	if err != nil {
		return err
	}
	_, err = parser.Parse(args)
	return err
}
