package letter

import (
	"testing"

	"example.org/mend/content"
)

// New refuses what would break a header.
func TestNewRefuses(t *testing.T) {
	good := newComposer(t).cfg
	for name, change := range map[string]func(*Config){
		"no site":         func(c *Config) { c.Site = "" },
		"a relative site": func(c *Config) { c.Site = "mend.example" },
		"no sender":       func(c *Config) { c.From = Config{}.From },
		"reply domain":    func(c *Config) { c.ReplyDomain = "reply.mend.example\r\n" },
		"list domain":     func(c *Config) { c.ListDomain = "" },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(content.Languages(), cfg); err == nil {
			t.Errorf("%s: New took it", name)
		}
	}
}

// Whichever the rhythm, two letters in a row have different preheaders.
func TestLettersInARowDiffer(t *testing.T) {
	c := newComposer(t)
	for _, step := range []int{1, 2, 3, 7, 14, 21, 28, 30, 31} {
		h := headTo("zoe@example.org", "")
		last := ""
		for range 60 {
			preheader := parsePage(t, read(t, compose(t, c, h, CheckIn{Card: window}).Raw).html).preheader
			if preheader == last {
				t.Errorf("every %d days: %q follows itself", step, preheader)
			}
			last, h.At = preheader, h.At.AddDate(0, 0, step)
		}
	}
}
