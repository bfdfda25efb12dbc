package lint

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"example.org/mend/shared/store"
)

// template is template.yaml, with CloudFormation's short functions read as what they are given.
type template struct {
	Parameters map[string]struct {
		Description    string `yaml:"Description"`
		AllowedPattern string `yaml:"AllowedPattern"`
		AllowedValues  []any  `yaml:"AllowedValues"`
		MinValue       any    `yaml:"MinValue"`
		MaxValue       any    `yaml:"MaxValue"`
		Default        any    `yaml:"Default"`

		ConstraintDescription string `yaml:"ConstraintDescription"`
	} `yaml:"Parameters"`
	Resources map[string]resource `yaml:"Resources"`
	Outputs   map[string]struct {
		Description string `yaml:"Description"`
	} `yaml:"Outputs"`
}

type resource struct {
	Type           string         `yaml:"Type"`
	Condition      string         `yaml:"Condition"`
	DeletionPolicy string         `yaml:"DeletionPolicy"`
	Properties     map[string]any `yaml:"Properties"`
}

func readTemplate(t *testing.T) template {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var read template
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatalf("template.yaml: %v", err)
	}
	return read
}

func (r template) resource(t *testing.T, name string) resource {
	t.Helper()
	found, ok := r.Resources[name]
	if !ok {
		t.Fatalf("template.yaml has no %s", name)
	}
	return found
}

// statements are all statements of a role's policies.
func (r template) statements(t *testing.T, role string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, policy := range r.resource(t, role).Properties["Policies"].([]any) {
		document := policy.(map[string]any)["PolicyDocument"].(map[string]any)
		for _, s := range document["Statement"].([]any) {
			all = append(all, s.(map[string]any))
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s has no statement", role)
	}
	return all
}

func (r template) actions(t *testing.T, role string) []string {
	t.Helper()
	var all []string
	for _, s := range r.statements(t, role) {
		all = append(all, list(s["Action"])...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// list is one or several strings.
func list(v any) []string {
	several, ok := v.([]any)
	if !ok {
		return []string{fmt.Sprint(v)}
	}
	var all []string
	for _, one := range several {
		all = append(all, fmt.Sprint(one))
	}
	return all
}

// The index holds what the dispatcher reads and nothing that a send writes.
func TestTheIndexProjectsWhatTheStoreSays(t *testing.T) {
	index := readTemplate(t).resource(t, "Table").Properties["GlobalSecondaryIndexes"].([]any)[0].(map[string]any)
	got := list(index["Projection"].(map[string]any)["NonKeyAttributes"])
	want := slices.Clone(store.SlotProjection)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the index slots projects %q, want %q", got, want)
	}
}

// A message must not come again while it is being worked on (SQS developer guide: six
// times the time-out).
func TestVisibilityIsSixTimesTheTimeout(t *testing.T) {
	template := readTemplate(t)
	for queue, function := range map[string]string{
		"SendQueue": "SendFunction", "NowQueue": "SendFunction", "ReceiptQueue": "ReplyFunction",
		"FeedbackQueue": "FeedbackFunction",
	} {
		visible := number(t, template.resource(t, queue).Properties["VisibilityTimeout"])
		timeout := number(t, template.resource(t, function).Properties["Timeout"])
		if visible < 6*timeout {
			t.Errorf("%s: visible again after %d s, want at least six times the %d s of %s",
				queue, visible, timeout, function)
		}
		redrive, _ := template.resource(t, queue).Properties["RedrivePolicy"].(map[string]any)
		got := fmt.Sprint(redrive["deadLetterTargetArn"])
		if got != strings.TrimSuffix(queue, "Queue")+"DeadLetters.Arn" {
			t.Errorf("%s: its dead letters go to %q", queue, got)
		}
	}
}

// What people send, and what SES says of their letters, outlives a stop of ten days; and no mail
// goes before the message that names it.
func TestAStopOfTenDaysLosesNothing(t *testing.T) {
	const day = 24 * 60 * 60
	template := readTemplate(t)
	for _, queue := range []string{"ReceiptQueue", "ReceiptDeadLetters", "FeedbackQueue", "FeedbackDeadLetters"} {
		if got := number(t, template.resource(t, queue).Properties["MessageRetentionPeriod"]); got < 14*day {
			t.Errorf("%s keeps messages for %d s, want 14 days", queue, got)
		}
	}
	keeps := 0
	rules := template.resource(t, "MailBucket").Properties["LifecycleConfiguration"].(map[string]any)["Rules"].([]any)
	for _, r := range rules {
		if rule := r.(map[string]any); strings.HasPrefix("raw/", fmt.Sprint(rule["Prefix"])) || rule["Prefix"] == nil {
			keeps = number(t, rule["ExpirationInDays"])
		}
	}
	if keeps < 15 {
		t.Errorf("mail is kept for %d days, want a day more than its message, which stays for 14", keeps)
	}
}

// byDefault is a value, or the default of the parameter that it refers to.
func (t template) byDefault(v any) any {
	if p, ok := t.Parameters[strings.TrimPrefix(fmt.Sprint(v), "!Ref ")]; ok {
		return p.Default
	}
	if ref, ok := v.(map[string]any); ok {
		return t.Parameters[fmt.Sprint(ref["Ref"])].Default
	}
	return v
}

func number(t *testing.T, v any) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscan(fmt.Sprint(v), &n); err != nil {
		t.Fatalf("%v is not a number", v)
	}
	return n
}

// A table is protected, so CloudFormation could not delete it anyway. A bucket that a failed first
// deployment leaves behind is litter.
func TestWhatPeopleGaveUsOutlivesTheStack(t *testing.T) {
	template := readTemplate(t)
	for name, want := range map[string]string{"Table": "Retain", "JournalBucket": "RetainExceptOnCreate"} {
		if got := template.resource(t, name).DeletionPolicy; got != want {
			t.Errorf("%s: DeletionPolicy is %q, want %s", name, got, want)
		}
	}
}

func TestEveryParameterAndOutputExplainsItself(t *testing.T) {
	template := readTemplate(t)
	for name, p := range template.Parameters {
		if p.Description == "" {
			t.Errorf("parameter %s has no description", name)
		}
		// no one else's is a good default
		if asked := name == "MailDomain" || name == "ReplyDomain" || name == "Contact"; asked != (p.Default == nil) {
			t.Errorf("parameter %s: its default is %v", name, p.Default)
		}
		if p.AllowedPattern != "" && p.ConstraintDescription == "" {
			t.Errorf("parameter %s does not say what a good value looks like", name)
		}
		if p.AllowedPattern == "" && len(p.AllowedValues) == 0 && (p.MinValue == nil || p.MaxValue == nil) {
			t.Errorf("parameter %s takes anything", name)
		}
	}
	for name, o := range template.Outputs {
		if o.Description == "" {
			t.Errorf("output %s has no description", name)
		}
	}
}
