package inbox_test

import (
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

const dsn = `From: MAILER-DAEMON@mx.example.org
To: letters@mend.test
Subject: Delivery Status Notification (Failure)
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; ann@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--b
Content-Type: text/rfc822-headers

Message-ID: <letter@mend.test>
Subject: One question
--b--
`

func TestKindOfMail(t *testing.T) {
	plain := func(headers string) string {
		return "From: ann@example.org\n" + headers + "\nI am away until Monday.\n"
	}
	tests := []struct {
		name, raw string
		want      inbox.Kind
	}{
		{"a reply", plain("Subject: Re: One question\nIn-Reply-To: <letter@mend.test>\n"), inbox.Reply},
		{"a new mail", plain("Subject: Vacation plans\n"), inbox.Reply},
		{"a reply to an automatic mail", plain("Subject: Re: Out of office\n"), inbox.Reply},
		{"Auto-Submitted: no", plain("Auto-Submitted: no\n"), inbox.Reply},
		{"empty", "From: ann@example.org\n\n\n", inbox.Empty},
		{"nothing but a device line and a quote", "From: ann@example.org\n\nSent from my iPhone\n\n" +
			"On 3 Mar 2026, at 10:15, Mend <r@mend.test> wrote:\n> How?\n", inbox.Empty},
		{"forwarded", plain("") + "\n---------- Forwarded message ----------\nFrom: ben@example.org\n" +
			"Date: Tue, 3 Mar 2026\nSubject: hi\n\nWords of Ben's.\n", inbox.Forwarded},
		{"forwarded as an attachment", "From: ann@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" +
			"Content-Type: message/rfc822\n\nFrom: ben@example.org\n\nHi.\n--b--\n", inbox.Forwarded},

		{"RFC 3834 section 5", plain("Auto-Submitted: auto-replied\n"), inbox.Automatic},
		{"RFC 3834, with a parameter", plain("Auto-Submitted: auto-replied; owner-email=\"ann@example.org\"\n"),
			inbox.Automatic},
		{"Precedence proves nothing", plain("Precedence: bulk\n"), inbox.Reply},
		{"Precedence of vacation programs", plain("Precedence: auto_reply\n"), inbox.Automatic},
		{"Exchange sets it on people's mail", plain("X-Auto-Response-Suppress: All\n"), inbox.Reply},
		{"cPanel", plain("X-Autorespond: One question\n"), inbox.Automatic},
		{"null return path", plain("Return-Path: <>\n"), inbox.Automatic},
		{"Outlook, by its subject alone", plain("Subject: Automatic reply: One question\n"), inbox.Automatic},
		{"German", plain("Subject: Abwesenheitsnotiz: One question\n"), inbox.Automatic},
		{"French, encoded", plain("Subject: =?utf-8?Q?R=C3=A9ponse_automatique_=3A_One?=\n"), inbox.Automatic},
		{"Japanese, encoded", plain("Subject: =?utf-8?B?6Ieq5YuV6L+U5L+hOiBPbmU=?=\n"), inbox.Automatic},
		{"no-reply", "From: no-reply@example.org\n\nThank you for your message.\n", inbox.Automatic},

		{"RFC 3464", dsn, inbox.Bounce},
		{"qmail",
			"From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n<ann@example.org>:\nno such user (5.1.1)\n",
			inbox.Bounce},
		{"Exim", "From: Mail Delivery System <mailer-daemon@example.org>\nX-Failed-Recipients: ann@example.org\n" +
			"Auto-Submitted: auto-replied\nSubject: Mail delivery failed\n\nno such user\n", inbox.Bounce},
		{"RFC 5965", "From: fbl@example.org\nContent-Type: multipart/report; report-type=feedback-report; " +
			"boundary=b\n\n--b\nContent-Type: text/plain\n\nThis is an abuse report.\n--b\n" +
			"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n" +
			"Original-Rcpt-To: <ann@example.org>\n--b--\n", inbox.Complaint},
		{"RFC 8098", "From: ann@example.org\nContent-Type: multipart/report; report-type=disposition-notification; " +
			"boundary=b\n\n--b\nContent-Type: text/plain\n\nYour message was read.\n--b\n" +
			"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ann@example.org\n" +
			"Original-Message-ID: <letter@mend.test>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
			inbox.ReadReceipt},
		{"Outlook's receipt", "From: ann@example.org\nSubject: Read: One question\n\n" +
			"Your message was read on Tuesday, 3 March 2026 10:15.\n", inbox.ReadReceipt},
		{"a reply that begins with read",
			"From: ann@example.org\nSubject: Read: my letter to you\n\nI wrote you a letter.\n", inbox.Reply},

		{"a person's server adds list headers",
			plain("List-Id: <walkers.lists.example.org>\nPrecedence: list\n"), inbox.Reply},
		{"List-Unsubscribe proves nothing", plain("List-Unsubscribe: <https://example.org/u>\n"), inbox.Reply},
		{"a role address", "From: root@example.org\n\nHello.\n", inbox.Reply},
		{"an invitation", "From: ann@example.org\nContent-Type: multipart/alternative; boundary=b\n\n--b\n" +
			"Content-Type: text/plain\n\nDinner\n--b\nContent-Type: text/calendar; method=REQUEST\n\n" +
			"BEGIN:VCALENDAR\n--b--\n", inbox.NotOurs},
	}
	for _, test := range tests {
		m := read(t, crlf(test.raw))
		if m.Kind != test.want {
			t.Errorf("%s: kind %s, want %s (words %q)", test.name, m.Kind, test.want, m.Words)
		}
		person := test.want == inbox.Reply || test.want == inbox.Forwarded || test.want == inbox.Empty
		if m.Kind.FromPerson() != person {
			t.Errorf("%s: FromPerson = %v, want %v", test.name, !person, person)
		}
	}
}

func TestNewsOfADelayIsNoBounce(t *testing.T) { // RFC 3464 section 2.3.3
	delayed := crlf(dsn)
	for _, action := range []string{"delayed", "delivered", "relayed", "expanded"} {
		m := read(t, strings.Replace(delayed, "Action: failed", "Action: "+action, 1))
		if m.Kind != inbox.Automatic {
			t.Errorf("%s: kind %s, want %s", action, m.Kind, inbox.Automatic)
		}
	}
}
