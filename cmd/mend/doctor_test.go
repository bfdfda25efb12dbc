package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
)

func TestExamineHasALineForEachCheck(t *testing.T) {
	var out bytes.Buffer
	found := runChecks(t.Context(), []check{
		{"identity", func(context.Context) (string, error) { return "mend.example is verified", nil }},
		{"dmarc", func(context.Context) (string, error) { return "", errors.New("add the record Dmarc") }},
	})
	err := report(&out, found, false)
	want := "ok   identity       mend.example is verified\nnot  dmarc          add the record Dmarc\n"
	if out.String() != want || err == nil || err.Error() != "not ok: 1 of 2" {
		t.Errorf("got %v and\n%s\nwant an error and\n%s", err, out.String(), want)
	}
	for asJSON, ends := range map[bool]string{false: "\nAll 1 are ok.\n", true: "]\n"} {
		if err := report(&out, found[:1], asJSON); err != nil || !strings.HasSuffix(out.String(), ends) {
			t.Errorf("where all is well: %v and\n%s\nwant it to end with %q", err, out.String(), ends)
		}
	}
}

// The picture in docs/aws.md has a line for each check of a stack, and no other.
func TestTheDoctorsPictureHasItsLines(t *testing.T) {
	text, err := os.ReadFile("../../infra/lab/doctor.txt")
	if err != nil {
		t.Fatal(err)
	}
	in := &target{stack: &stack{}}
	for _, queue := range []string{"send", "now", "receipt", "feedback"} {
		in.queues = append(in.queues, queueAdmin{name: queue})
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, c := range checksOf(in, false) {
		if i >= len(lines) || strings.TrimSpace(lines[i][5:min(20, len(lines[i]))]) != c.name {
			t.Fatalf("line %d of infra/lab/doctor.txt is not that of %q", i+1, c.name)
		}
	}
	wrong := strings.Count(string(text), "\nnot ")
	if want := fmt.Sprintf("mend: not ok: %d of %d", wrong, len(lines)-1); lines[len(lines)-1] != want {
		t.Errorf("it ends with %q, want %q", lines[len(lines)-1], want)
	}
}

func TestTheDoctorSaysWhenTheTimeZonesAreOld(t *testing.T) {
	checked := cadence.Edition().Checked
	for _, test := range []struct {
		days int
		ok   bool
	}{{0, true}, {170, true}, {200, false}} {
		now := time.Date(checked.Year, checked.Month, checked.Day+test.days, 12, 0, 0, 0, time.UTC)
		says, err := (&target{now: func() time.Time { return now }}).checkZones(t.Context())
		if (err == nil) != test.ok || test.ok && !strings.Contains(says, cadence.Edition().Version) ||
			!test.ok && !strings.Contains(err.Error(), "make zones") {
			t.Errorf("%d days after the check: %q, %v", test.days, says, err)
		}
	}
}

// RFC 7489 section 6.6.3: records of other uses are left, and several policies are none.
func TestDMARCPolicy(t *testing.T) {
	const policy = "v=DMARC1; p=reject"
	for _, test := range []struct {
		records []string
		want    string
	}{
		{nil, ""}, {[]string{policy}, policy}, {[]string{"other", policy}, policy}, {[]string{policy, policy}, ""},
		{[]string{"p=reject"}, ""},
	} {
		if got := dmarcPolicy(test.records); got != test.want {
			t.Errorf("%q: got %q, want %q", test.records, got, test.want)
		}
	}
}

// mailWorld is SES and the DNS as they should be, until a test changes something.
type mailWorld struct {
	identity *sesv2.GetEmailIdentityOutput
	account  *sesv2.GetAccountOutput
	forecast operate.Forecast
	active   string
	txt      []string
	rate     string // of the stack
	existing bool   // the identity was made by hand: the stack has no outputs about it
	mx       []*net.MX
	broken   error // of everything
	asked    int   // of SES
}

func newMailWorld() *mailWorld {
	return &mailWorld{
		identity: &sesv2.GetEmailIdentityOutput{
			VerifiedForSendingStatus: true, DkimAttributes: &types.DkimAttributes{Status: types.DkimStatusSuccess},
			MailFromAttributes: &types.MailFromAttributes{
				MailFromDomain:       aws.String("bounce.mend.example"),
				MailFromDomainStatus: types.MailFromDomainStatusSuccess,
			},
		},
		account: &sesv2.GetAccountOutput{
			SendingEnabled: true, ProductionAccessEnabled: true,
			SendQuota: &types.SendQuota{Max24HourSend: 1000, MaxSendRate: 1, SentLast24Hours: 10},
		},
		forecast: operate.Forecast{
			CheckIns: 10, Week: 70, Day: mend.Date{Year: 2026, Month: 3, Day: 2}, OnDay: 10,
			Quarter: time.Date(2026, 3, 2, 7, 30, 0, 0, time.UTC), AtOnce: 10,
		},
		active: "mend-replies",
		rate:   "1",
		txt:    []string{"v=DMARC1; p=quarantine"},
		mx:     []*net.MX{{Host: "inbound-smtp.eu-west-1.amazonaws.com.", Pref: 10}},
	}
}

// accountOf is the configuration of an account in which a handler answers for every service.
func accountOf(t *testing.T, services http.Handler) aws.Config {
	server := httptest.NewServer(services)
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	}
}

// refuse answers as a service with JSON does that refuses.
func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("X-Amzn-ErrorType", kind)
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"__type": %q, "message": %q}`, kind, message)
}

func answerJSON(w http.ResponseWriter, answer any) {
	_ = json.NewEncoder(w).Encode(answer)
}

func (w *mailWorld) stack(t *testing.T) *stack {
	s := &stack{
		outputs: map[string]string{
			"MailDomain": "mend.example",
			"Dkim1":      "a._domainkey.mend.example CNAME a.dkim.amazonses.com",
			"SendRate":   w.rate,
			"RuleSet":    "mend-replies",
			"ReplyMx":    "reply.mend.example MX 10 inbound-smtp.eu-west-1.amazonaws.com",
		},
		cfg: accountOf(t, w), dns: w,
	}
	if w.existing {
		delete(s.outputs, "Dkim1")
	}
	return s
}

func (w *mailWorld) checks(t *testing.T) []check {
	return w.stack(t).mailChecks(func(context.Context) (operate.Forecast, error) { return w.forecast, nil })
}

// ServeHTTP is both APIs of SES.
func (w *mailWorld) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.asked++
	switch {
	case w.broken != nil && r.URL.Path == "/":
		http.Error(out, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>"+w.broken.Error()+
			"</Message></Error></ErrorResponse>", http.StatusForbidden)
	case w.broken != nil:
		refuse(out, "AccessDeniedException", w.broken.Error())
	case r.URL.Path == "/v2/email/account":
		answerJSON(out, w.account)
	case r.URL.Path == "/v2/email/identities/mend.example":
		answerJSON(out, w.identity)
	case r.FormValue("Action") == "DescribeActiveReceiptRuleSet":
		active := ""
		if w.active != "" {
			active = "<Metadata><Name>" + w.active + "</Name></Metadata>"
		}
		fmt.Fprintf(out, "<A><DescribeActiveReceiptRuleSetResult>%s</DescribeActiveReceiptRuleSetResult></A>", active)
	case r.FormValue("Action") == "SetActiveReceiptRuleSet":
		w.active = r.FormValue("RuleSetName")
		fmt.Fprint(out, "<A><SetActiveReceiptRuleSetResult/></A>")
	}
}

func (w *mailWorld) LookupHost(context.Context, string) ([]string, error) { return nil, w.broken }

func (w *mailWorld) LookupTXT(context.Context, string) ([]string, error) {
	if w.txt == nil {
		return nil, &net.DNSError{IsNotFound: true}
	}
	return w.txt, w.broken
}

func (w *mailWorld) LookupMX(context.Context, string) ([]*net.MX, error) {
	if w.mx == nil {
		return nil, &net.DNSError{IsNotFound: true}
	}
	return w.mx, w.broken
}

func TestTheDoctorIsContentWithMailThatIsWell(t *testing.T) {
	w := newMailWorld()
	for _, f := range runChecks(t.Context(), w.checks(t)) {
		if !f.OK || f.Says == "" {
			t.Errorf("%s: %s", f.Name, f.Says)
		}
	}
	if w.asked != 3 { // the identity, the account, the active rule set
		t.Errorf("SES was asked %d times, and takes one request a second", w.asked)
	}
}

// Each thing that can be wrong is found by the checks that are about it, and by no other,
// and they say what to do.
func TestTheDoctorFindsWhatIsWrongWithMail(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*mailWorld)
		wrong string // the checks that find it
		says  string
	}{
		"not verified": {func(w *mailWorld) { w.identity.VerifiedForSendingStatus = false }, "identity", "Dkim1"},
		"not signed": {
			func(w *mailWorld) { w.identity.DkimAttributes.Status = types.DkimStatusPending }, "dkim", "Dkim1",
		},
		"no signing at all": {func(w *mailWorld) { w.identity.DkimAttributes = nil }, "dkim", "Dkim1"},
		"no MAIL FROM":      {func(w *mailWorld) { w.identity.MailFromAttributes = nil }, "mail from", "MailFromSpf"},
		"MAIL FROM pending": {func(w *mailWorld) {
			w.identity.MailFromAttributes.MailFromDomainStatus = types.MailFromDomainStatusPending
		}, "mail from", "MailFromMx"},
		"no DMARC":           {func(w *mailWorld) { w.txt = nil }, "dmarc", "record Dmarc"},
		"two DMARC policies": {func(w *mailWorld) { w.txt = append(w.txt, w.txt...) }, "dmarc", "record Dmarc"},
		"sandbox": {
			func(w *mailWorld) { w.account.ProductionAccessEnabled = false }, "account",
			"create-email-identity --region eu-west-1",
		},
		"sending paused": {func(w *mailWorld) { w.account.SendingEnabled = false }, "account", "paused"},
		"no quota": {
			func(w *mailWorld) { w.account.SendQuota = nil }, "account quota send rate", "no quota",
		},
		"quota used": {
			func(w *mailWorld) { w.account.SendQuota.SentLast24Hours = 950 }, "quota", "nearly used",
		},
		"too many people": {func(w *mailWorld) { w.forecast.OnDay = 950 }, "quota", "2026-03-02"},
		"too many at once": {
			func(w *mailWorld) { w.account.SendQuota.Max24HourSend, w.forecast.AtOnce = -1, 20_000 }, "quota", "rate",
		},
		"faster than SES lets": {func(w *mailWorld) { w.rate = "14" }, "send rate", "SendRate=1'"},
		"DNS too late": {func(w *mailWorld) {
			w.identity.VerifiedForSendingStatus, w.identity.VerificationStatus = false, types.VerificationStatusFailed
		}, "identity", "put-email-identity-dkim-signing-attributes --region eu-west-1 --email-identity mend.example "},
		"DKIM too late": {func(w *mailWorld) { w.identity.DkimAttributes.Status = types.DkimStatusFailed }, "dkim",
			"gave up. Add the records Dkim1, Dkim2 and Dkim3 of the stack's outputs to the DNS, then have it look " +
				"again: aws sesv2 put-email-identity-dkim-signing-attributes --region eu-west-1"},
		"MAIL FROM too late": {func(w *mailWorld) {
			w.identity.MailFromAttributes.MailFromDomainStatus = types.MailFromDomainStatusFailed
		}, "mail from",
			"--email-identity mend.example --mail-from-domain bounce.mend.example --behavior-on-mx-failure"},
		"an identity made by hand": {func(w *mailWorld) {
			w.existing, w.identity.DkimAttributes.Status = true, types.DkimStatusPending
		}, "dkim", "the records that SES's console shows under Identities, mend.example, DKIM to the DNS"},
		"its MAIL FROM": {func(w *mailWorld) {
			w.existing, w.identity.MailFromAttributes = true, &types.MailFromAttributes{}
		}, "mail from", "MailFromSpf of the stack's outputs to the DNS, then have SES look for them: aws sesv2 " +
			"put-email-identity-mail-from-attributes --region eu-west-1"},
		"no MX":              {func(w *mailWorld) { w.mx = nil }, "mx", "ReplyMx"},
		"MX elsewhere":       {func(w *mailWorld) { w.mx[0].Host = "mail.example." }, "mx", "ReplyMx"},
		"no active rule set": {func(w *mailWorld) { w.active = "" }, "receiving", "mend receive on"},
		"another is active":  {func(w *mailWorld) { w.active = "old" }, "receiving", "old"},
		"nothing can be asked": {
			func(w *mailWorld) { w.broken = errors.New("access denied") },
			"identity dkim mail from dmarc account quota send rate mx receiving", "access denied",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newMailWorld()
			test.spoil(w)
			var wrong, says []string
			for _, f := range runChecks(t.Context(), w.checks(t)) {
				if !f.OK {
					wrong, says = append(wrong, f.Name), append(says, f.Says)
				}
			}
			if strings.Join(wrong, " ") != test.wrong || !strings.Contains(strings.Join(says, "\n"), test.says) {
				t.Errorf("found %q: %q\nwant %q, saying %q", wrong, says, test.wrong, test.says)
			}
		})
	}
}
