//go:build e2e

package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/goccy/go-yaml"
)

// The emulator has receipt rules, but its CloudFormation cannot make them. So the nested template is deployed with something
// else in their place, which says what it was given, and the test makes of the real one's properties what CloudFormation would.

// receiptRule is the rule of infra/receiving.yaml, with each !Ref read as the name of the parameter.
type receiptRule struct {
	Name        string   `yaml:"Name"`
	Enabled     bool     `yaml:"Enabled"`
	ScanEnabled bool     `yaml:"ScanEnabled"`
	TLSPolicy   string   `yaml:"TlsPolicy"`
	Recipients  []string `yaml:"Recipients"`
	Actions     []struct {
		S3Action struct {
			BucketName      string `yaml:"BucketName"`
			ObjectKeyPrefix string `yaml:"ObjectKeyPrefix"`
			TopicArn        string `yaml:"TopicArn"`
		} `yaml:"S3Action"`
	} `yaml:"Actions"`
}

// withoutReceiptRules takes the rules out of what was built, until the test ends, and returns the rule.
func withoutReceiptRules(t *testing.T) receiptRule {
	t.Helper()
	built := filepath.Join(root(t), ".aws-sam/build/Receiving/template.yaml")
	text, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.WriteFile(built, text, 0o644) })
	var whole map[string]any
	var read struct {
		Resources struct {
			Rule struct {
				Properties struct {
					Rule receiptRule `yaml:"Rule"`
				} `yaml:"Properties"`
			} `yaml:"Rule"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(root(t), "infra/receiving.yaml")) // where a !Ref is still a tag
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(source, &read); err != nil {
		t.Fatal(err)
	}
	outputs := map[string]any{"RuleSet": map[string]any{"Value": map[string]any{"Ref": "RuleSetName"}}}
	for name := range whole["Parameters"].(map[string]any) {
		outputs["Given"+name] = map[string]any{"Value": map[string]any{"Ref": name}}
	}
	whole["Resources"] = map[string]any{"InTheirPlace": map[string]any{"Type": "AWS::SNS::Topic"}}
	whole["Outputs"] = outputs
	changed, err := yaml.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(built, changed, 0o644); err != nil {
		t.Fatal(err)
	}
	return read.Resources.Rule.Properties.Rule
}

// plainly changes what was built, until the test ends, where the emulator's CloudFormation knows less than AWS's: an alarm listens to
// the first of its metrics instead of a sum, and how many invocations a queue may have is the number itself, not a parameter,
// which the emulator takes for a text.
func plainly(t *testing.T) {
	t.Helper()
	change(t, "Alarms/template.yaml", func(whole map[string]any) {
		for _, r := range whole["Resources"].(map[string]any) {
			properties, _ := r.(map[string]any)["Properties"].(map[string]any)
			metrics, _ := properties["Metrics"].([]any)
			for _, m := range metrics {
				if stat, ok := m.(map[string]any)["MetricStat"].(map[string]any); ok {
					delete(properties, "Metrics")
					maps.Copy(properties, stat["Metric"].(map[string]any))
					properties["Statistic"], properties["Period"] = stat["Stat"], stat["Period"]
					break
				}
			}
		}
	})
	change(t, "template.yaml", func(whole map[string]any) {
		for _, r := range whole["Resources"].(map[string]any) {
			properties, _ := r.(map[string]any)["Properties"].(map[string]any)
			events, _ := properties["Events"].(map[string]any)
			for _, e := range events {
				scaling, _ := e.(map[string]any)["Properties"].(map[string]any)["ScalingConfig"].(map[string]any)
				if ref, ok := scaling["MaximumConcurrency"].(map[string]any); ok {
					scaling["MaximumConcurrency"] = whole["Parameters"].(map[string]any)[ref["Ref"].(string)].(map[string]any)["Default"]
				}
			}
		}
	})
}

// change changes a template that was built.
func change(t *testing.T, name string, do func(whole map[string]any)) {
	t.Helper()
	built := filepath.Join(root(t), ".aws-sam/build", name)
	text, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.WriteFile(built, text, 0o644) })
	var whole map[string]any
	if err := yaml.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	do(whole)
	changed, err := yaml.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(built, changed, 0o644); err != nil {
		t.Fatal(err)
	}
}

// makeReceiptRules makes rule set and rule with what the nested stack was given.
func (s *stack) makeReceiptRules(t *testing.T, r receiptRule) {
	t.Helper()
	found, err := cloudformation.NewFromConfig(s.emulator.Config()).DescribeStacks(t.Context(),
		&cloudformation.DescribeStacksInput{StackName: aws.String(s.physical(t)["Receiving"])})
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]string{}
	for _, o := range found.Stacks[0].Outputs {
		given[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	is := func(name string) string { // a !Ref, or a word
		if value, ok := given["Given"+name]; ok {
			return value
		}
		return name
	}
	if len(r.Actions) != 1 {
		t.Fatalf("the rule has %d actions, want one", len(r.Actions))
	}
	client, set := ses.NewFromConfig(s.emulator.Config()), is("RuleSetName")
	if _, err := client.CreateReceiptRuleSet(t.Context(), &ses.CreateReceiptRuleSetInput{RuleSetName: &set}); err != nil {
		t.Fatal(err)
	}
	rule := &sestypes.ReceiptRule{
		Name: &r.Name, Enabled: r.Enabled, ScanEnabled: r.ScanEnabled, TlsPolicy: sestypes.TlsPolicy(r.TLSPolicy),
		Actions: []sestypes.ReceiptAction{{S3Action: &sestypes.S3Action{
			BucketName: aws.String(is(r.Actions[0].S3Action.BucketName)), ObjectKeyPrefix: aws.String(is(r.Actions[0].S3Action.ObjectKeyPrefix)),
			TopicArn: aws.String(is(r.Actions[0].S3Action.TopicArn)),
		}}},
	}
	for _, domain := range r.Recipients {
		rule.Recipients = append(rule.Recipients, is(domain))
	}
	if _, err := client.CreateReceiptRule(t.Context(), &ses.CreateReceiptRuleInput{RuleSetName: &set, Rule: rule}); err != nil {
		t.Fatal(err)
	}
}
