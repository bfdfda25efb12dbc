package lint

import (
	"go/ast"
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A metric is counted in the logs, so it holds what the code says today: a filter whose line was
// reworded counts nothing, and its alarm is silent for good.
func TestEveryMetricIsInALogLine(t *testing.T) {
	lines := loggedLines(t)
	filters := 0
	for name, r := range readAlarms(t).Resources {
		if r.Type != "AWS::Logs::MetricFilter" {
			continue
		}
		filters++
		pattern := r.Properties["FilterPattern"].(string)
		value := r.Properties["MetricTransformations"].([]any)[0].(map[string]any)["MetricValue"].(string)
		fields := fieldInPattern.FindAllStringSubmatch(pattern+" "+value, -1)
		for _, message := range messageInPattern.FindAllStringSubmatch(pattern, -1) {
			found := false
			for _, keys := range lines[message[1]] {
				has := true
				for _, field := range fields {
					has = has && (field[1] == "msg" || keys[field[1]])
				}
				found = found || has
			}
			if !found {
				t.Errorf("%s counts lines %q with %v, which nothing logs", name, message[1], fields)
			}
		}
	}
	if filters == 0 {
		t.Error("infra/alarms.yaml has no metric filter")
	}
}

// The dashboard's queries count log lines. One that was reworded would be counted no more.
func TestEveryQueryOfTheDashboardIsInALogLine(t *testing.T) {
	lines := loggedLines(t)
	dashboard, err := os.ReadFile("../dashboard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	queries := regexp.MustCompile(`"query": "SOURCE '([^']+)' \| filter (\w+) = '([^']+)'`).FindAllStringSubmatch(
		string(dashboard), -1)
	if len(queries) != strings.Count(string(dashboard), `"query"`) || len(queries) == 0 {
		t.Errorf("%d queries begin with a log group and the lines that they count, want all", len(queries))
	}
	groups := map[string]bool{}
	for _, r := range readTemplate(t).Resources {
		if name, ok := r.Properties["LogGroupName"].(string); ok {
			groups[strings.ReplaceAll(name, "${AWS::StackName}", "${Stack}")] = true
		}
	}
	for _, q := range queries {
		group, field, message := q[1], q[2], q[3]
		if !groups[group] {
			t.Errorf("a query reads %s, which is no log group of the stack: %v", group, groups)
		}
		if field == "msg" && lines[message] == nil {
			t.Errorf("a query counts lines %q, which nothing logs", message)
		}
		if field != "msg" && (field != "type" || message != "platform.report") { // Lambda's own line
			t.Errorf("a query counts lines by %s", field)
		}
	}
}

// An alarm listens to a metric that there is, and says what to do.
func TestEveryAlarmHasItsMetric(t *testing.T) {
	alarms := readAlarms(t)
	made := map[string]bool{}
	for _, r := range alarms.Resources {
		if r.Type == "AWS::Logs::MetricFilter" {
			made[r.Properties["MetricTransformations"].([]any)[0].(map[string]any)["MetricName"].(string)] = true
		}
	}
	dashboard, err := os.ReadFile("../dashboard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`\["Mend/\$\{Stack\}", "([A-Za-z]+)"`).FindAllStringSubmatch(
		string(dashboard), -1) {
		used[m[1]] = true
	}
	for name, r := range alarms.Resources {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		if namespace, _ := r.Properties["Namespace"].(string); strings.HasPrefix(namespace, "Mend/") {
			used[r.Properties["MetricName"].(string)] = true
		}
		if text, _ := r.Properties["AlarmDescription"].(string); len(text) < 60 {
			t.Errorf("%s does not say what to do: %q", name, text)
		}
	}
	for metric := range used {
		if !made[metric] {
			t.Errorf("an alarm or the dashboard shows %s, which no filter makes", metric)
		}
	}
	for metric := range made {
		if !used[metric] {
			t.Errorf("a filter makes %s, which nothing shows", metric)
		}
	}
}

var (
	messageInPattern = regexp.MustCompile(`\$\.msg = "([^"]+)"`)
	fieldInPattern   = regexp.MustCompile(`\$\.([a-z_]+)`)
)

func readAlarms(t *testing.T) template {
	t.Helper()
	text, err := os.ReadFile("../alarms.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var read template
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// loggedLines is the keys of every line that the service logs, by its message. A line may be logged
// by a function that was chosen before (log := s.Log.InfoContext), so a call counts whose second
// argument is a text and whose further ones begin with one.
func loggedLines(t *testing.T) map[string][]map[string]bool {
	t.Helper()
	lines := map[string][]map[string]bool{}
	files := map[string]*ast.File{}
	for _, name := range useCases {
		maps.Copy(files, parse(t, "../../shared/"+name))
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			message, ok := text(call.Args[1])
			if !ok {
				return true
			}
			keys := map[string]bool{}
			for i := 2; i < len(call.Args); i += 2 {
				if key, ok := text(call.Args[i]); ok {
					keys[key] = true
				}
			}
			lines[message] = append(lines[message], keys)
			return true
		})
	}
	return lines
}

func text(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	s, err := strconv.Unquote(literal.Value)
	return s, err == nil
}
