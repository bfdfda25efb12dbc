package letter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/mend"
)

// Config says who sends.
type Config struct {
	Site        string       // such as https://mend.example; help and journal are below it
	From        mend.Address // the address that letters come from
	SenderName  string       // beside it. Discreet, such as "Mend"
	ReplyDomain string       // every reply address must end in it
	ListDomain  string       // for List-Id and Message-ID, such as letters.mend.example
}

// Head is all of a letter but what it says.
type Head struct {
	To      mend.Address
	Name    string // how to greet them, as they typed it; may be empty
	Locale  string // BCP 47; a language that has no catalogue gets English
	Privacy mend.Privacy
	Path    string    // of the check-ins: its color is the letter's, where Privacy lets it show; may be empty
	Cover   string    // with Number the subject, where Privacy keeps titles out of it
	Number  int       // of this letter among its like
	At      time.Time // the Date, in the person's zone; with To it chooses among subjects and preheaders
	ID      string    // our opaque id of the letter, for Message-ID (which SES replaces by its own)
	Reply   string    // reply address of this letter; "" where it takes none

	// Absolute URLs; "" where the kind of letter has none.
	Preferences string
	Stop        string // a page that takes RFC 8058's POST too
	Page        string // the check-in as a page
}

// Body is what a letter says: one of [CheckIn], [Reminder], [Promise], [Digest],
// [Confirmation], [Welcome], [SignIn] and [Notice].
type Body interface {
	Kind() mend.Kind
	write(*draft) error
}

// Housekeeping is a question that rides along, at most once a month. The zero value is none.
type Housekeeping struct {
	Name string // of the catalogue: "still-fits" or "slower"
	URL  string // the page that answers it by a POST
}

// Reminder is a person's own words, come back on their day. Privacy decides whether the
// letter shows them.
type Reminder struct {
	Words  string
	Ticked bool // the person ticked "put these words into the e-mail"
}

// Promise asks once about something that a person said they would do. Privacy decides
// whether the letter shows it.
type Promise struct {
	Words     string
	Ticked    bool // the person ticked "put these words into the e-mail"
	Space     bool // someone said no or asked for space: the letter says that LET GO is the kind answer then
	Due       mend.Date
	AnswerURL string // the page that answers it by a POST; "" leaves the link out
}

// Digest is a month. What of it is shown follows privacy: link-only shows a link alone.
type Digest struct {
	Month digest.Month
}

// Confirmation asks whether an address is its owner's. It holds nothing that anyone
// typed, no name either.
type Confirmation struct {
	ConfirmURL, NotMeURL string
}

// Welcome follows the confirmation. Both fields are our words, in the person's language.
type Welcome struct {
	First  string // "Monday 2 March at 07:30"
	Rhythm string // "Mondays and Thursdays at 07:30"
}

// SignIn carries a link that opens the journal.
type SignIn struct {
	URL     string
	MuteURL string // "don't send me these": anyone can ask for this letter. "" leaves it out
}

// Notice is a short message of the catalogue.
type Notice struct {
	Name string   // one of [Notices]
	Also []string // further ones: their texts stand below that of Name
	URL  string   // of its one link; "" leaves the link out

	// What the texts may name, as people read it.
	Until  string // the day on which a pause ends
	Next   string // when the next letter comes
	Rhythm string // how often letters come

	MuteURL string // as of [SignIn]
}

// Kind names the kind of letter, as every Body does.
func (CheckIn) Kind() mend.Kind      { return mend.CheckIn }
func (Reminder) Kind() mend.Kind     { return mend.Reminder }
func (Promise) Kind() mend.Kind      { return mend.PromiseKind }
func (Digest) Kind() mend.Kind       { return mend.Digest }
func (Confirmation) Kind() mend.Kind { return mend.Confirmation }
func (Welcome) Kind() mend.Kind      { return mend.Welcome }
func (SignIn) Kind() mend.Kind       { return mend.SignIn }
func (Notice) Kind() mend.Kind       { return mend.Notice }

// Mail is a letter, ready to be sent. Raw is a whole message with CRLF line ends; the
// caller may keep it.
type Mail struct {
	Subject string
	Raw     []byte
}

// MostBytes is the largest letter: some mail clients show a larger one in part. A digest shortens
// what it quotes to keep to it; the rest of any letter is short by the linter's rules.
const MostBytes = 30 << 10

// Composer writes letters. It does not change after [New], except for what it encodes when it is
// first needed, and is safe for concurrent use.
type Composer struct {
	cfg       Config
	from      []byte // header lines that all letters share
	languages func() map[string]*language
}

// New makes what composes letters in some languages, one of them English. It fails where cfg would
// break a header. The languages are prepared with the first letter: a function that was woken for
// something else does not pay for them.
func New(languages []content.Language, cfg Config) (*Composer, error) {
	if !isMailbox(cfg.From.Mail()) || !isURL(cfg.Site) || !isMailbox("r@"+cfg.ReplyDomain) ||
		!isMailbox("r@"+cfg.ListDomain) {
		return nil, errors.New("composing letters: the configuration needs a site (https://…), an address to send " +
			"from, a reply domain and a list domain")
	}
	cfg.Site, cfg.SenderName = strings.TrimSuffix(cfg.Site, "/"), plain(cfg.SenderName)
	return &Composer{cfg, sharedHeader(cfg), sync.OnceValue(func() map[string]*language {
		prepared := map[string]*language{}
		for _, l := range languages {
			prepared[l.Tag] = newLanguage(l, cfg)
		}
		return prepared
	})}, nil
}

// The errors of [Composer.Compose]. They never repeat what they are about.
var (
	errAddress = errors.New("the address is missing or could not stand in a header")
	errReply   = errors.New("the reply address is not one of ours or could not stand in a header")
	errURL     = errors.New("a link is not an absolute http or https URL in printable ASCII")
	errID      = errors.New("the letter's id must be 1 to 100 letters, digits, dots, dashes and underscores")
	errBody    = errors.New("the letter has no body")
	errNoCard  = errors.New("the check-in has no card")
	errMonth   = errors.New("the digest is of no month")
	errName    = errors.New("the catalogue has no message of this name")
)

// Compose writes a letter. The same arguments give the same bytes.
//
// It fails only for what would break a header or an address (a recipient, reply address, id or
// link that is not one), without a body, for a check-in without a card, a digest without a month
// and a notice or a housekeeping question that the catalogue does not have. No error holds an
// address or a person's words.
func (c *Composer) Compose(h Head, b Body) (Mail, error) {
	d := c.newDraft(h)
	defer drafts.Put(d)
	err := c.check(h)
	if err == nil {
		err = d.compose(b)
	}
	if err != nil {
		return Mail{}, fmt.Errorf("composing a letter: %w", err)
	}
	return Mail{d.subject, c.assemble(d, b.Kind())}, nil
}

// PageHTML is a check-in as part of a page: from its title to its question, without styles, and
// without anything that the person wrote.
func (c *Composer) PageHTML(locale string, b CheckIn) (string, error) {
	if b.Card == nil && b.isPage() {
		return "", errNoCard
	}
	b.Words = nil
	d := c.newDraft(Head{Locale: locale})
	defer drafts.Put(d)
	d.toQuestion(b)
	return string(d.html), d.err
}

// Question is what a letter asks, for the journal to show with the answer; "" where it asks
// nothing.
func (c *Composer) Question(locale string, privacy mend.Privacy, b Body) string {
	l := c.language(locale)
	switch b := b.(type) {
	case CheckIn:
		return l.asked(b)
	case Digest:
		if privacy.Rules().Figures && onCalendar(b.Month.First) {
			return l.monthsQuestion(b.Month.First, l.monthParams(b.Month.First))
		}
	}
	return ""
}

// Words is all that letters in a language may say beside a card and a person's own words: what is
// needed to know a letter again in a reply. A text with a parameter of values stands there once
// with each of its values. Numbers, days and months stand as 0.
func (c *Composer) Words(locale string, values map[string][]string) string {
	var b strings.Builder
	words := c.language(locale).catalogue
	for _, key := range slices.Sorted(maps.Keys(words)) {
		for _, text := range words[key] {
			for _, filled := range withEach(numbers.Replace(text), values) {
				b.WriteString(filled + "\n")
			}
		}
	}
	return b.String()
}

var numbers = strings.NewReplacer(
	"{n}", "0", "{step}", "0", "{of}", "0", "{month}", "0", "{next}", "0", "{date}", "0 0 0",
)

// withEach is a text with each of the values of the first parameter that has some.
func withEach(text string, values map[string][]string) (all []string) {
	for name, each := range values {
		if parameter := "{" + name + "}"; strings.Contains(text, parameter) {
			for _, value := range each {
				all = append(all, strings.ReplaceAll(text, parameter, value))
			}
			return all
		}
	}
	return []string{text}
}

// language finds the catalogue of a locale, of its language without the region, or English.
func (c *Composer) language(locale string) *language {
	languages := c.languages()
	for _, tag := range [...]string{locale, base(locale)} {
		if l := languages[tag]; l != nil {
			return l
		}
	}
	return languages[fallback]
}
