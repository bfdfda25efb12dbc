//go:build e2e

package e2e

import (
	"errors"
	"fmt"
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

// The emulator has receipt rules, but its CloudFormation cannot make them. So the nested template
// is deployed with something else in their place, which says what it was given, and the test makes
// of the real one's properties what CloudFormation would.

// receiptRule is the rule of infra/receiving.yaml, with each !Ref read as the name of the
// parameter.
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

// TestMain makes what was built plain where that is all it is asked for, by the sam of the guide's
// test.
func TestMain(m *testing.M) {
	if os.Getenv("MEND_PLAIN_TEMPLATES") == "" {
		os.Exit(m.Run())
	}
	if err := plainTemplates(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// plainTemplates changes the templates that were built, until the next build, where the emulator's
// CloudFormation knows less than AWS's. It has no receipt rules, no budgets and no DKIM records. An
// alarm listens to the first of its metrics instead of a sum. The value of a parameter that is a
// number reaches a queue's ScalingConfig and a stage's throttles as a text, so the number itself
// stands there.
func plainTemplates() error {
	return errors.Join(
		change("Receiving/template.yaml", func(whole map[string]any) {
			outputs := map[string]any{"RuleSet": map[string]any{"Value": map[string]any{"Ref": "RuleSetName"}}}
			for name := range whole["Parameters"].(map[string]any) {
				outputs["Given"+name] = map[string]any{"Value": map[string]any{"Ref": name}}
			}
			whole["Resources"] = map[string]any{"InTheirPlace": map[string]any{"Type": "AWS::SNS::Topic"}}
			whole["Outputs"] = outputs
		}),
		change("Alarms/template.yaml", func(whole map[string]any) {
			delete(whole["Resources"].(map[string]any), "Budget")
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
		}),
		change("template.yaml", func(whole map[string]any) {
			parameters, outputs := whole["Parameters"].(map[string]any), whole["Outputs"].(map[string]any)
			for _, name := range []string{"Dkim1", "Dkim2", "Dkim3"} {
				delete(outputs, name)
			}
			for _, r := range whole["Resources"].(map[string]any) {
				numbers(r, parameters, false)
			}
		}))
}

// numbers writes the defaults of parameters in place of references to them, below a key where the
// emulator wants numbers.
func numbers(v any, parameters map[string]any, wanted bool) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			numbers(one, parameters, wanted)
		}
	case map[string]any:
		for key, value := range v {
			here := wanted || key == "ScalingConfig" || key == "DefaultRouteSettings"
			if ref, ok := value.(map[string]any); ok && here && ref["Ref"] != nil {
				v[key] = parameters[ref["Ref"].(string)].(map[string]any)["Default"]
				continue
			}
			numbers(value, parameters, here)
		}
	}
}

// change changes a template that was built.
func change(name string, do func(whole map[string]any)) error {
	built := filepath.Join("../../.aws-sam/build", name)
	text, err := os.ReadFile(built)
	if err != nil {
		return err
	}
	var whole map[string]any
	if err := yaml.Unmarshal(text, &whole); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	do(whole)
	changed, err := yaml.Marshal(whole)
	if err != nil {
		return err
	}
	return os.WriteFile(built, changed, 0o644)
}

// readReceiptRule is the rule of infra/receiving.yaml, where a !Ref is still a tag.
func readReceiptRule(t *testing.T) receiptRule {
	t.Helper()
	var read struct {
		Resources struct {
			Rule struct {
				Properties struct {
					Rule receiptRule `yaml:"Rule"`
				} `yaml:"Properties"`
			} `yaml:"Rule"`
		} `yaml:"Resources"`
	}
	source, err := os.ReadFile("../receiving.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(source, &read); err != nil {
		t.Fatal(err)
	}
	return read.Resources.Rule.Properties.Rule
}

// makeReceiptRules makes rule set and rule with what the nested stack was given.
func (s *stack) makeReceiptRules(t *testing.T) {
	t.Helper()
	r := readReceiptRule(t)
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
	if _, err := client.CreateReceiptRuleSet(t.Context(),
		&ses.CreateReceiptRuleSetInput{RuleSetName: &set}); err != nil {
		t.Fatal(err)
	}
	rule := &sestypes.ReceiptRule{
		Name: &r.Name, Enabled: r.Enabled, ScanEnabled: r.ScanEnabled, TlsPolicy: sestypes.TlsPolicy(r.TLSPolicy),
		Actions: []sestypes.ReceiptAction{{S3Action: &sestypes.S3Action{
			BucketName:      aws.String(is(r.Actions[0].S3Action.BucketName)),
			ObjectKeyPrefix: aws.String(is(r.Actions[0].S3Action.ObjectKeyPrefix)),
			TopicArn:        aws.String(is(r.Actions[0].S3Action.TopicArn)),
		}}},
	}
	for _, domain := range r.Recipients {
		rule.Recipients = append(rule.Recipients, is(domain))
	}
	if _, err := client.CreateReceiptRule(t.Context(),
		&ses.CreateReceiptRuleInput{RuleSetName: &set, Rule: rule}); err != nil {
		t.Fatal(err)
	}
}
