package lint

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// docs/security.md lists every place where an address or words can lie. Each resource of the
// template that can hold them has a row, and the row says the times that the template sets.
func TestEveryPlaceOfTheTemplateIsInTheTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	tableRow := regexp.MustCompile("(?m)^\\| [^|`]*`([A-Za-z]+)`[^|]*\\|(.*)$")
	for _, row := range tableRow.FindAllStringSubmatch(string(page), -1) {
		rows[row[1]] += row[2]
	}
	template := readTemplate(t)
	days := func(n any) string { return fmt.Sprintf("%v days", n) }
	places := 0
	for name, r := range template.Resources {
		var times []string
		switch r.Type {
		case "AWS::SQS::Queue":
			var seconds int
			_, err := fmt.Sscan(fmt.Sprint(r.Properties["MessageRetentionPeriod"]), &seconds)
			if err != nil || seconds%86400 != 0 {
				t.Errorf("%s: a retention of %v is no number of days", name, r.Properties["MessageRetentionPeriod"])
				continue
			}
			times = []string{days(seconds / 86400)}
		case "AWS::S3::Bucket":
			lifecycle := fmt.Sprint(r.Properties["LifecycleConfiguration"])
			expiry := regexp.MustCompile(`(?:ExpirationInDays|NoncurrentDays):(\d+)`)
			for _, found := range expiry.FindAllStringSubmatch(lifecycle, -1) {
				times = append(times, days(found[1]))
			}
			if len(times) == 0 {
				t.Errorf("%s: nothing in it ever goes", name)
			}
		case "AWS::Logs::LogGroup":
			times = []string{days(template.Parameters["LogDays"].Default)}
		case "AWS::DynamoDB::Table":
			times = []string{"two days later", "35 days"}
		case "AWS::SNS::Topic", "AWS::SES::ConfigurationSet":
		default:
			continue
		}
		places++
		row, ok := rows[name]
		if !ok {
			t.Errorf("docs/security.md has no row for %s, a %s", name, r.Type)
		}
		for _, time := range times {
			if !strings.Contains(row, time) {
				t.Errorf("the row of %s in docs/security.md does not say %q", name, time)
			}
		}
	}
	if places < 15 {
		t.Errorf("only %d places were looked at", places)
	}
}
