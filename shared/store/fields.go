package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// fields are the attributes of a record, each with the variable that it is written from and read
// into. A pointer to a named string, such as a status, is given as a *string.
type fields []struct {
	attr string
	of   any
}

// item writes the fields.
func (fs fields) item() Item {
	it := make(Item, len(fs)+4)
	for _, f := range fs {
		it[f.attr] = written(f.of)
	}
	return it
}

func written(of any) any {
	switch v := of.(type) {
	case *string:
		return *v
	case *bool:
		return *v
	case *int:
		return int64(*v)
	case *int64:
		return *v
	case *uint8:
		return int64(*v)
	case *uint16:
		return int64(*v)
	case *[]byte:
		return *v
	case *time.Time:
		return millis(*v)
	case *mend.Date:
		return v.String()
	case *mend.Address:
		return v.Mail()
	case *mend.Hold:
		return v.String()
	case *mend.Cadence:
		return rule(*v)
	case *mend.Step:
		return stepText(*v)
	case *[2]mend.Mood:
		return moodsText(*v)
	case *Stamps:
		return v.text()
	case *[]string:
		return strings.Join(*v, "\n")
	case *[]DeliveryKey:
		return encodeMembers(*v)
	case *[]mend.Answer:
		text, err := json.Marshal(*v)
		if err != nil || len(text) > mostAnswers {
			return "null"
		}
		return string(text)
	}
	panic(fmt.Sprintf("store: a field of type %T", of))
}

// read reads the fields. An attribute that is absent gives the zero value: old items lack what came
// later. What cannot be read was not written by us, and is left out.
func (fs fields) read(it Item) {
	for _, f := range fs {
		switch v := f.of.(type) {
		case *string:
			*v = it.text(f.attr)
		case *bool:
			*v = it.flag(f.attr)
		case *int:
			*v = int(it.number(f.attr))
		case *int64:
			*v = it.number(f.attr)
		case *uint8:
			*v = uint8(it.number(f.attr))
		case *uint16:
			*v = uint16(it.number(f.attr))
		case *[]byte:
			*v = it.bytes(f.attr)
		case *time.Time:
			*v = it.instant(f.attr)
		case *mend.Date:
			*v = it.date(f.attr)
		case *mend.Address:
			*v = mend.StoredAddress(it.text(f.attr))
		case *mend.Hold:
			*v = mend.ParseHold(it.text(f.attr))
		case *mend.Cadence:
			readRule(v, it.text(f.attr))
		case *mend.Step:
			readStep(v, it.text(f.attr))
		case *[2]mend.Mood:
			*v = moodsFrom(it.text(f.attr))
		case *Stamps:
			*v = stampsFrom(it.text(f.attr))
		case *[]string:
			if text := it.text(f.attr); text != "" {
				*v = strings.Split(text, "\n")
			}
		case *[]DeliveryKey:
			*v = decodeMembers(it.text(f.attr))
		case *[]mend.Answer:
			_ = json.Unmarshal([]byte(it.text(f.attr)), v)
		default:
			panic(fmt.Sprintf("store: a field of type %T", f.of))
		}
	}
}

// record reads a record that is in no need of its key.
func record[T any](it Item, of func(*T) fields) (v T) {
	of(&v).read(it)
	return v
}

func personFields(p *mend.Person) fields {
	return fields{
		{"address", &p.Address}, {"name", &p.Name}, {"status", (*string)(&p.Status)}, {"version", &p.Version},
		{"zone", &p.Zone}, {"locale", &p.Locale}, {"role", (*string)(&p.Role)}, {"privacy", (*string)(&p.Privacy)},
		{"cover", &p.Cover}, {"epoch", &p.Epoch}, {"retention", (*string)(&p.Retention)}, {"noContact", &p.NoContact},
		{"saidNoAt", &p.SaidNo.At}, {"saidNoPath", &p.SaidNo.Path}, {"saidNoRested", &p.SaidNo.Rested},
		{"consent", &p.Consent.Text}, {"consentAt", &p.Consent.At}, {"consentHow", &p.Consent.How},
		{"created", &p.Created}, {"changed", &p.Changed}, {"stoppedAt", &p.StoppedAt}, {"hold", &p.Hold},
		{"answered", &p.Answered}, {"askedToStop", &p.AskedToStop}, {"asking", (*string)(&p.PendingConfirmation)},
		{"move", (*string)(&p.Move.ID)}, {"moveAnswer", &p.Move.Answer},
	}
}

// settingsFields is the part of a subscription that the person's changes write. What only a digest
// has is written for a digest alone: a large check-in has to stay under a kilobyte.
func settingsFields(s *mend.Subscription) fields {
	all := fields{
		{"kind", (*string)(&s.Kind)}, {"status", (*string)(&s.Status)}, {"address", &s.Address}, {"name", &s.Name},
		{"privacy", (*string)(&s.Privacy)}, {"cover", &s.Cover}, {"epoch", &s.Epoch}, {"rule", &s.Cadence},
		{"zone", &s.Cadence.Zone}, {"path", &s.Path}, {"role", (*string)(&s.Role)}, {"noContact", &s.NoContact},
		{"retired", &s.Retired}, {"digestDay", &s.DigestDay}, {"digestFrom", &s.DigestFrom}, {"words", &s.Words},
		{"showWords", &s.ShowWords}, {"version", &s.Version}, {"hold", &s.Hold}, {"firstDate", &s.FirstDate},
	}
	if s.Number == mend.DigestNumber {
		all = append(all, fields{{"lastYear", &s.LastYear}, {"quiet", &s.QuietMonth}}...)
	}
	return all
}

// progressFields is the part of a subscription that the sender writes.
func progressFields(p *mend.Progress) fields {
	return append(claimFields(&p.Claim), fields{
		{"lastDate", &p.LastDate}, {"card", &p.Claim.Card}, {"letters", &p.Letters},
		{"seen", &p.Seen}, {"step", &p.Step},
	}...)
}

func claimFields(c *mend.Claim) fields {
	return fields{{"nonce", &c.Nonce}, {"claim", (*string)(&c.State)}, {"claimAt", &c.At}}
}

// heardFields is the part of a subscription that the arrival of a reply writes.
func heardFields(s *mend.Subscription) fields {
	return fields{{"lastReply", &s.LastReply}, {"lastAttachments", &s.LastReplyAttachments}, {"moods", &s.Moods}}
}

// oneOffFields is all of a one-off but its claim.
func oneOffFields(o *mend.OneOff) fields {
	return fields{
		{"kind", (*string)(&o.Kind)}, {"address", &o.Address}, {"name", &o.Name}, {"privacy", (*string)(&o.Privacy)},
		{"zone", &o.Zone}, {"due", &o.Due}, {"expires", &o.Expires}, {"promise", (*string)(&o.Promise)},
		{"reminder", &o.Reminder}, {"notice", &o.Notice}, {"date", &o.Date}, {"meant", &o.Meant},
		{"version", &o.Version},
	}
}

// attemptFields is the claim of a one-off, and how often it was claimed.
func attemptFields(o *mend.OneOff) fields {
	return append(claimFields(&o.Claim), fields{{"attempts", &o.Attempts}}...)
}

func letterFields(l *mend.Letter) fields {
	return fields{
		{"kind", (*string)(&l.Kind)}, {"outcome", (*string)(&l.Outcome)}, {"nonce", &l.Nonce}, {"card", &l.Card},
		{"question", &l.Question}, {"messageId", &l.MessageID}, {"at", &l.At}, {"delivered", &l.Delivered},
		{"bounced", &l.Bounced}, {"notice", &l.Notice}, {"reminder", &l.Reminder},
	}
}

func replyFields(r *mend.Reply) fields {
	return fields{
		{"at", &r.At}, {"date", &r.Date}, {"words", &r.Words}, {"question", &r.Question}, {"answers", &r.Answers},
		{"mood", &r.Mood}, {"attachments", &r.Attachments}, {"attachmentNames", &r.AttachmentNames},
		{"flag", (*string)(&r.Flag)}, {"starred", &r.Starred}, {"muted", &r.Muted}, {"wrote", &r.Wrote},
	}
}

func promiseFields(p *mend.Promise) fields {
	return fields{
		{"words", &p.Words}, {"due", &p.Due}, {"state", (*string)(&p.State)}, {"made", &p.Made}, {"closed", &p.Closed},
		{"showWords", &p.ShowWords}, {"hold", &p.Hold},
	}
}
