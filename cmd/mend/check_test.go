package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// deployable is a first deployment with nothing wrong, until a test changes something.
func deployable(t *testing.T) (*deployment, knownDomains) {
	t.Helper()
	parameters, err := readParameters("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	identities := knownDomains{}
	return &deployment{
		stack: "mend", parameters: parameters,
		given: map[string]string{
			"MailDomain":      "mend.org",
			"ReplyDomain":     "reply.mend.org",
			"OperatorAddress": "you@mend.org",
			"Contact":         "you@mend.org",
		},
		cfg: accountOf(t, identities), dns: identities,
	}, identities
}

// stands has the deployment be an update of a stack with this parameter.
func (d *deployment) stands(name, value string) {
	d.status, d.now = "UPDATE_COMPLETE", map[string]string{"MailDomain": "mend.org", name: value}
}

// knownDomains is AWS with identities of these domains, each "verified" or "pending", and with one
// certificate and one table.
type knownDomains map[string]string

func (k knownDomains) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	domain, asked := strings.CutPrefix(r.URL.Path, "/v2/email/identities/")
	body, _ := io.ReadAll(r.Body)
	switch operation := r.Header.Get("X-Amz-Target"); {
	case asked && k[domain] == "":
		refuse(w, "NotFoundException", "no such identity")
	case asked:
		answerJSON(w, sesv2.GetEmailIdentityOutput{VerifiedForSendingStatus: k[domain] == "verified"})
	case r.URL.Path == "/v2/email/account":
		answerJSON(w, sesv2.GetAccountOutput{SendQuota: &types.SendQuota{MaxSendRate: 14}})
	case strings.HasSuffix(operation, ".DescribeCertificate"):
		status := "ISSUED"
		if strings.Contains(string(body), waitingARN) {
			status = "PENDING_VALIDATION"
		}
		fmt.Fprintf(w, `{"Certificate": {"Status": %q, "SubjectAlternativeNames": ["mend.org", "*.mend.org"]}}`, status)
	case strings.HasSuffix(operation, ".DescribeTable") && !strings.Contains(string(body), "mend-restored"):
		refuse(w, "ResourceNotFoundException", "no such table")
	default:
		fmt.Fprint(w, "{}")
	}
}

func (knownDomains) LookupHost(_ context.Context, host string) ([]string, error) {
	if host == "inbound-smtp.eu-west-1.amazonaws.com" || host == "inbound-smtp.xx-new-1.amazonaws.com" {
		return []string{"192.0.2.1"}, nil
	}
	return nil, &net.DNSError{IsNotFound: true}
}

func (knownDomains) LookupTXT(context.Context, string) ([]string, error) { return nil, nil }
func (knownDomains) LookupMX(context.Context, string) ([]*net.MX, error) { return nil, nil }

const certificateARN = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1b"

const waitingARN = "arn:aws:acm:eu-west-1:111122223333:certificate/0a1c"

func TestADeploymentThatCanSucceedIsLetThrough(t *testing.T) {
	for name, change := range map[string]func(*deployment, knownDomains){
		"the first": func(*deployment, knownDomains) {},
		"an update": func(d *deployment, _ knownDomains) { d.status, d.now, d.given = "UPDATE_COMPLETE", d.given, nil },
		"its own": func(d *deployment, ids knownDomains) {
			d.stands("MailIdentity", "new")
			ids["mend.org"] = "verified"
		},
		"a table that was restored": func(d *deployment, _ knownDomains) { d.stands("RestoredTable", "mend-restored") },
		"another backup": func(d *deployment, _ knownDomains) {
			d.stands("RestoredTable", "mend-lost")
			d.given["RestoredTable"] = "mend-restored"
		},
		"one existed": func(d *deployment, ids knownDomains) {
			d.given["MailIdentity"], ids["mend.org"] = "existing", "pending"
		},
		"replies elsewhere": func(d *deployment, ids knownDomains) {
			d.given["ReplyDomain"], ids["other.org"] = "other.org", "verified"
		},
		"a site": func(d *deployment, _ knownDomains) {
			d.given["SiteDomain"], d.given["SiteCertificate"] = "www.mend.org", certificateARN
		},
		"a backup":     func(d *deployment, _ knownDomains) { d.given["RestoredTable"] = "mend-restored" },
		"a new region": func(d *deployment, _ knownDomains) { d.cfg.Region = "xx-new-1" },
		"all of it":    func(d *deployment, _ knownDomains) { d.given["SendRate"] = "14" },
	} {
		d, identities := deployable(t)
		change(d, identities)
		for _, f := range runChecks(t.Context(), d.checks()) {
			if !f.OK || f.Says == "" {
				t.Errorf("%s: %s: %s", name, f.Name, f.Says)
			}
		}
	}
}

// Each is found before anything is created, under the parameter's name, with a value that would do.
func TestADeploymentThatCannotSucceedIsStopped(t *testing.T) {
	give := func(name, value string) func(*deployment, knownDomains) {
		return func(d *deployment, _ knownDomains) { d.given[name] = value }
	}
	stands := func(status string) func(*deployment, knownDomains) {
		return func(d *deployment, _ knownDomains) { d.status = status }
	}
	for name, test := range map[string]struct {
		change      func(*deployment, knownDomains)
		wrong, says string
	}{
		"a long stack name": {
			func(d *deployment, _ knownDomains) { d.stack = strings.Repeat("m", 56) }, "stack name", "STACK=mend",
		},
		"an odd stack name": {func(d *deployment, _ knownDomains) { d.stack = "my_mend" }, "stack name", "STACK=mend"},
		"an unknown name":   {give("SendRat", "14"), "SendRat", "SendRate"},
		"another case":      {give("sendrate", "14"), "sendrate", "write SendRate"},
		"upper case":        {give("MailDomain", "Mend.org"), "MailDomain", "such as mend.example"},
		"no contact": {
			func(d *deployment, _ knownDomains) { delete(d.given, "Contact") }, "Contact",
			"missing: it is an e-mail address or a URL",
		},
		"no domain": {
			func(d *deployment, _ knownDomains) { delete(d.given, "MailDomain") }, "MailDomain",
			"missing: it is a domain",
		},
		"no reply domain": {
			func(d *deployment, _ knownDomains) { delete(d.given, "ReplyDomain") }, "ReplyDomain",
			"such as reply.mend.example",
		},
		"a rate of zero":  {give("SendRate", "0"), "SendRate", "from 1 to 1000"},
		"a rate in words": {give("SendRate", "fast"), "SendRate", "from 1 to 1000, such as 1"},
		"a test's clock":  {give("TestClock", "on"), "test settings", "TestClock=off"},
		"half a sender":   {give("Senders", "2.5"), "Senders", "whole number from 2 to 100, such as 2"},
		"no number":       {give("PageRate", "NaN"), "PageRate", "whole number from 20 to 5000, such as 50"},
		"a long domain":   {give("MailDomain", strings.Repeat("a.", 100)+"org"), "MailDomain", "at most"},
		"days of logs":    {give("LogDays", "2"), "LogDays", "one of 1 3 5 7"},
		"an operator":     {give("OperatorAddress", "you"), "OperatorAddress", "e-mail address"},
		"a reserved domain": {func(d *deployment, _ knownDomains) {
			d.given["MailDomain"], d.given["ReplyDomain"] = "mend.example", "reply.mend.example"
		}, "MailDomain", "MailDomain=mend.your-domain.org"},
		"the same domain": {give("ReplyDomain", "mend.org"), "ReplyDomain", "ReplyDomain=reply.mend.org"},
		"that of bounces": {give("ReplyDomain", "bounce.mend.org"), "ReplyDomain", "ReplyDomain=reply.mend.org"},
		"that of the site": {func(d *deployment, _ knownDomains) {
			d.given["ReplyDomain"] = "www.mend.org"
			d.given["SiteDomain"] = "www.mend.org"
			d.given["SiteCertificate"] = certificateARN
		}, "ReplyDomain", "ReplyDomain=reply.mend.org"},
		"another's domain": {give("ReplyDomain", "other.org"), "ReplyDomain", "ReplyDomain=reply.mend.org"},
		"no certificate":   {give("SiteDomain", "www.mend.org"), "SiteDomain", "SiteCertificate="},
		"no site":          {give("SiteCertificate", certificateARN), "SiteDomain", "SiteDomain="},
		"not issued": {func(d *deployment, _ knownDomains) {
			d.given["SiteDomain"], d.given["SiteCertificate"] = "www.mend.org", waitingARN
		}, "SiteDomain", "ISSUED"},
		"of another region": {func(d *deployment, _ knownDomains) {
			d.given["SiteDomain"] = "www.mend.org"
			d.given["SiteCertificate"] = strings.Replace(certificateARN, "eu-west-1", "us-east-1", 1)
		}, "SiteDomain", "make one in eu-west-1"},
		"of another name": {func(d *deployment, _ knownDomains) {
			d.given["SiteDomain"], d.given["SiteCertificate"] = "www.other.org", certificateARN
		}, "SiteDomain", "make one for www.other.org"},
		"too fast":      {give("SendRate", "15"), "SendRate", "SendRate=14"},
		"no such table": {give("RestoredTable", "mend-lost"), "RestoredTable", "RestoredTable as it is"},
		"an empty table": {func(d *deployment, _ knownDomains) {
			d.stands("RestoredTable", "mend-restored")
			d.given["RestoredTable"] = ""
		}, "RestoredTable", "RestoredTable=mend-restored keeps it"},
		"no receiving": {
			func(d *deployment, _ knownDomains) { d.cfg.Region = "xx-old-1" }, "region", "AWS_REGION=eu-west-1",
		},
		"an identity": {
			func(_ *deployment, ids knownDomains) { ids["mend.org"] = "verified" }, "MailIdentity",
			"MailIdentity=existing",
		},
		"its own identity deleted": {func(d *deployment, ids knownDomains) {
			d.stands("MailIdentity", "new")
			d.given["MailIdentity"], ids["mend.org"] = "existing", "verified"
		}, "MailIdentity", "MailIdentity=new keeps it"},
		"another's identity": {func(d *deployment, ids knownDomains) {
			d.stands("MailIdentity", "existing")
			d.given["MailIdentity"], ids["mend.org"] = "new", "verified"
		}, "MailIdentity", "MailIdentity=existing uses it"},
		"no identity": {give("MailIdentity", "existing"), "MailIdentity", "MailIdentity=new"},
		"rolled back": {stands("ROLLBACK_COMPLETE"), "stack", "aws cloudformation delete-stack --stack-name mend"},
		"stuck":       {stands("UPDATE_ROLLBACK_FAILED"), "stack", "continue-update-rollback"},
		"not deleted": {stands("DELETE_FAILED"), "stack", "How to leave"},
		"busy":        {stands("UPDATE_IN_PROGRESS"), "stack", "wait"},
	} {
		t.Run(name, func(t *testing.T) {
			d, identities := deployable(t)
			test.change(d, identities)
			var wrong, says []string
			for _, f := range runChecks(t.Context(), d.checks()) {
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
