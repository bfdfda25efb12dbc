// Package service assembles the use cases of Mend over one set of ports, for what runs all of
// them: the one machine, the laboratory, the tests. A function links the packages that it needs
// in place of this one.
package service

import (
	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/operate"
	"example.org/mend/shared/receive"
	"example.org/mend/shared/sending"
)

// Config is the ports and the settings of all use cases. The fields after the first are those of
// [dispatch.Dispatcher] and of [sending.Service].
type Config struct {
	change.Base
	Mailer     mend.Mailer
	Library    *content.Library
	Letters    *letter.Composer
	SendRate   float64
	OneAtATime bool
}

// Service is all use cases.
type Service struct {
	*change.Base
	Account  *account.Service
	SignUp   *account.SignUp
	SignIn   *account.SignIn
	Dispatch *dispatch.Dispatcher
	Sending  *sending.Service
	Journal  *journal.Service
	Replies  *receive.Service
	Feedback *feedback.Service
	Operate  *operate.Service
}

// New assembles the use cases. ReplyKeys are optional, and default to Keys.
func New(c Config) *Service {
	b := &c.Base
	if b.ReplyKeys.Empty() {
		b.ReplyKeys = b.Keys
	}
	d := dispatch.New(b, c.SendRate)
	d.OneAtATime = c.OneAtATime
	return &Service{
		Base: b, Account: account.New(b), SignUp: account.NewSignUp(b), SignIn: account.NewSignIn(b), Dispatch: d,
		Sending: sending.New(b, d, c.Mailer, c.Library, c.Letters), Journal: journal.New(b, c.Library),
		Replies: receive.New(b, c.Library, c.Letters), Feedback: feedback.New(b), Operate: operate.New(b),
	}
}
