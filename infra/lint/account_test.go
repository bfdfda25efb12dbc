package lint

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
)

// What AWS does and emulators do not.

// A new account runs ten functions at once. What has no room is throttled: messages become dead
// letters unread, and visitors get errors.
func TestANewAccountHasRoom(t *testing.T) {
	const newAccount, ticks, pages = 10, 1, 1
	template, sources := readTemplate(t), 0
	for _, name := range functions {
		events, _ := template.resource(t, name+"Function").Properties["Events"].(map[string]any)
		for _, event := range events {
			scaling := event.(map[string]any)["Properties"].(map[string]any)["ScalingConfig"].(map[string]any)
			sources += number(t, template.byDefault(scaling["MaximumConcurrency"]))
		}
	}
	if sources == 0 || sources+ticks+pages > newAccount {
		t.Errorf("queues may run %d functions, and beside a tick and a page there is room for %d", sources,
			newAccount-ticks-pages)
	}
}

// Lambda stops what it takes for a loop after sixteen rounds, unless it is told that the loop is
// meant.
func TestWhoQueuesToItselfMaySo(t *testing.T) {
	template, loops := readTemplate(t), 0
	for _, name := range functions {
		function := template.resource(t, name+"Function").Properties
		sends := ""
		for _, s := range template.statements(t, name+"Role") {
			if slices.Contains(list(s["Action"]), "sqs:SendMessage") {
				sends += fmt.Sprint(s["Resource"])
			}
		}
		events, _ := function["Events"].(map[string]any)
		itself := false
		for _, event := range events {
			itself = itself || strings.Contains(sends,
				fmt.Sprint(event.(map[string]any)["Properties"].(map[string]any)["Queue"]))
		}
		if got := fmt.Sprint(function["RecursiveLoop"]) == "Allow"; got != itself {
			t.Errorf("%sFunction: queues to itself: %v, RecursiveLoop is %v", name, itself, function["RecursiveLoop"])
		}
		if itself {
			loops++
		}
	}
	if loops == 0 {
		t.Error("no function queues to itself: this test looks at nothing")
	}
}

// The log policy that API Gateway writes holds 5,120 characters for the whole account. Groups below
// this name share one line of it.
func TestTheAccessLogHasASharedName(t *testing.T) {
	if got := fmt.Sprint(readTemplate(t).resource(t, "ApiLog").Properties["LogGroupName"]); !strings.HasPrefix(got,
		"/aws/vendedlogs/") {
		t.Errorf("the access log is %s", got)
	}
}

// What may be there already, or goes its own way, is made on a condition.
func TestWhatMayBeThereAlreadyIsNotMade(t *testing.T) {
	template := readTemplate(t)
	for name, want := range map[string]string{"Identity": "MakesIdentity", "Table": "HasOwnTable"} {
		if got := template.resource(t, name).Condition; got != want {
			t.Errorf("%s is made on the condition %q, want %s", name, got, want)
		}
	}
}

// A function's role lets it write over an entry of the journal. The old one stays as long as a
// backup does.
func TestTheJournalCanBeHadBack(t *testing.T) {
	bucket := readTemplate(t).resource(t, "JournalBucket").Properties
	rule := bucket["LifecycleConfiguration"].(map[string]any)["Rules"].([]any)[0].(map[string]any)
	old := rule["NoncurrentVersionExpiration"].(map[string]any)
	if fmt.Sprint(bucket["VersioningConfiguration"].(map[string]any)["Status"]) != "Enabled" ||
		number(t, old["NoncurrentDays"]) < 35 {
		t.Errorf("versions %v, kept for %v days, want 35", bucket["VersioningConfiguration"], old["NoncurrentDays"])
	}
}

// A letter that is years old has a link to stop, whatever domain the pages have by now.
func TestLinksInLettersOutliveANewDomain(t *testing.T) {
	if off := readTemplate(t).resource(t, "Api").Properties["DisableExecuteApiEndpoint"]; off != nil {
		t.Errorf("the address that letters had before a SiteDomain is switched off: %v", off)
	}
}

// One client that uses up the site's request rate keeps nobody from stopping: that route has a rate
// of its own.
func TestStoppingHasAThrottleOfItsOwn(t *testing.T) {
	template := readTemplate(t)
	route := fmt.Sprint(template.resource(t, "StopRoute").Properties["RouteKey"])
	stage := template.resource(t, "ApiStage").Properties
	own, ok := stage["RouteSettings"].(map[string]any)[route].(map[string]any)
	if !ok || number(t, own["ThrottlingRateLimit"]) == 0 || !strings.HasPrefix(route, "ANY /stop/") {
		t.Errorf("the route %q has the settings %v", route, own)
	}
}

// CloudWatch reports throttles of the index and of reads apart from writes to the table.
func TestEveryThrottleOfTheTableIsHeard(t *testing.T) {
	heard := fmt.Sprint(readAlarms(t).resource(t, "TableThrottlesAlarm").Properties["Metrics"])
	for _, metric := range []string{"ReadThrottleEvents", "WriteThrottleEvents"} {
		if strings.Count(heard, metric) != 2 {
			t.Errorf("%s is heard %d times, want of the table and of the index", metric, strings.Count(heard, metric))
		}
	}
	if strings.Count(heard, "GlobalSecondaryIndexName Value:slots") != 2 {
		t.Errorf("the index is not heard: %s", heard)
	}
}

// A function that is taken over gives away the keys that it can read: it can read those of its
// purpose, and its code uses each.
func TestEachFunctionReadsTheKeysThatItUses(t *testing.T) {
	template := readTemplate(t)
	for _, name := range functions {
		t.Run(name, func(t *testing.T) {
			reachable := reachableOfOurs(t, strings.ToLower(name))
			uses := func(dir, pattern string) bool {
				for method := range declarations(t, "../../"+dir, pattern) {
					if reachable[dir+"."+method] {
						return true
					}
				}
				return false
			}
			used := func(pattern string) bool {
				for method := range inUseCases(t, pattern) {
					if reachable[method] {
						return true
					}
				}
				return false
			}
			paths := ""
			for _, s := range template.statements(t, name+"Role") {
				if slices.Contains(list(s["Action"]), "ssm:GetParametersByPath") {
					paths += strings.Join(list(s["Resource"]), " ") + " "
				}
			}
			for part, key := range map[string]struct {
				read string // by the main
				used bool   // by what it reaches
			}{
				"links":   {"UseLinkKeys", used(`\bs\.Keys\.(Sign|Verify)\(`)},
				"replies": {"UseReplyKeys", used(`\bs\.ReplyKeys\.`)},
				"address": {"UseAddressKey", uses("shared/store", `\bs\.(addressKey\(|addressSecret\b)`)},
			} {
				reads, may := reachable["functions/internal/start."+key.read],
					strings.Contains(paths, "/keys/"+part+" ")
				if reads != key.used || may != key.used {
					t.Errorf("the keys of %s: used %v, read by the main %v, allowed to the role %v", part, key.used,
						reads, may)
				}
			}
			if strings.Contains(paths, "/keys ") {
				t.Errorf("%sRole may read all keys", name)
			}
		})
	}
}

// Each partition of AWS has a console of its own.
func TestTheDashboardIsInItsPartition(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for partition, console := range map[string]string{"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"} {
		condition := regexp.MustCompile(`(\w+): !Equals \[!Ref "AWS::Partition", ` + partition +
			`\]`).FindStringSubmatch(string(text))
		if condition == nil || !strings.Contains(string(text), "!If ["+condition[1]+", "+console+",") {
			t.Errorf("in %s the output DashboardAt does not lead to %s", partition, console)
		}
	}
}

// A batch of letters fits into the life of the function: each needs its margin, and sleeps no
// longer than that until its turn.
func TestABatchFitsIntoTheFunctionsLife(t *testing.T) {
	function := readTemplate(t).resource(t, "SendFunction").Properties
	life := time.Duration(number(t, function["Timeout"])) * time.Second
	for name, event := range function["Events"].(map[string]any) {
		batch := number(t, event.(map[string]any)["Properties"].(map[string]any)["BatchSize"])
		if needs := time.Duration(batch) * 2 * change.Margin; needs >= life {
			t.Errorf("the %d messages of %s need up to %s, and the function lives for %s", batch, name, needs, life)
		}
	}
}

// What is stopped on purpose wakes nobody. Everything else does: an alarm that does not act is
// none.
func TestAlarmsActUnlessTheStackIsStopped(t *testing.T) {
	for name, r := range readAlarms(t).Resources {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		stopped := name == "NoTickAlarm" || name == "WebErrorsAlarm"
		if acts, ok := r.Properties["ActionsEnabled"]; ok != stopped || ok &&
			!strings.Contains(fmt.Sprint(acts), "IsRunning") {
			t.Errorf("%s: ActionsEnabled is %v", name, acts)
		}
		if fmt.Sprint(r.Properties["AlarmActions"]) != "[AlarmTopic]" {
			t.Errorf("%s tells %v", name, r.Properties["AlarmActions"])
		}
	}
}

// A message may wait for its turn as long as SQS delays it, and be tried once more, without an
// alarm.
func TestNoAlarmGoesOffForAMessageThatWaits(t *testing.T) {
	template, alarms := readTemplate(t), readAlarms(t)
	for queue, alarm := range map[string]string{"SendQueue": "SendAgeAlarm", "NowQueue": "NowAgeAlarm"} {
		again := number(t, template.resource(t, queue).Properties["VisibilityTimeout"])
		threshold := number(t, alarms.resource(t, alarm).Properties["Threshold"])
		if waits := int(mend.MaxDelay.Seconds()); threshold < waits || threshold < 2*again {
			t.Errorf("%s goes off after %d s: a message waits up to %d s, and comes again after %d s", alarm,
				threshold, waits, again)
		}
	}
}
