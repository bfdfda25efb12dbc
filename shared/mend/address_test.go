package mend

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// toASCII stands in for a real mapping: it knows one internationalised domain and refuses spaces.
func toASCII(domain string) (string, error) {
	if strings.ContainsAny(domain, " \r\n") {
		return "", errors.New("not a domain")
	}
	return strings.ReplaceAll(domain, "bücher", "xn--bcher-kva"), nil
}

func TestParseAddress(t *testing.T) {
	long := strings.Repeat("a", 64)
	domain := strings.Repeat(strings.Repeat("b", 62)+".", 2) + strings.Repeat("b", 54) + ".example" // 188
	for _, test := range []struct {
		typed string
		want  string
		err   error
	}{
		{"ann@example.org", "ann@example.org", nil},
		{"  Ann.B+mend@Example.ORG\n", "Ann.B+mend@example.org", nil}, // the local part is its owner's
		{"ann@example.org.", "ann@example.org", nil},
		{"ann@bücher.example", "ann@xn--bcher-kva.example", nil},
		{"o'brien@example.org", "o'brien@example.org", nil}, // RFC 5322 section 3.2.3
		{"!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org", nil},
		{long + "@example.org", long + "@example.org", nil}, // RFC 5321 section 4.5.3.1.1
		{long + "@" + domain, long + "@" + domain, nil},     // 253 octets

		{"", "", AddressMissing},
		{" \t", "", AddressMissing},
		{"ann", "", AddressMalformed},
		{"@example.org", "", AddressMalformed},
		{"ann@", "", AddressMalformed},
		{".ann@example.org", "", AddressMalformed},
		{"an..n@example.org", "", AddressMalformed},
		{"ann b@example.org", "", AddressMalformed},
		{"ann@b@example.org", "", AddressMalformed},
		{"Ann <ann@example.org>", "", AddressMalformed},
		{"ann\r\nBcc: bob@example.org", "", AddressMalformed},
		{"ann\x00@example.org", "", AddressMalformed},
		{`"ann b"@example.org`, "", AddressQuoted},
		{"añn@example.org", "", AddressNonASCII},
		{"李@example.org", "", AddressNonASCII},
		{long + "a@example.org", "", AddressTooLong},
		{long + "@b" + domain + "b", "", AddressTooLong}, // RFC 5321 erratum 1690: 254 octets
		{"ann@example", "", AddressDomain},
		{"ann@exam ple.org", "", AddressDomain},
		{"ann@-example.org", "", AddressDomain},
		{"ann@example..org", "", AddressDomain},
		{"ann@192.0.2.1", "", AddressDomain},
		{"ann@[192.0.2.1]", "", AddressDomain},
		{"ann@exam_ple.org", "", AddressDomain},
		{"ann@" + strings.Repeat("b", 64) + ".org", "", AddressDomain},
	} {
		got, err := ParseAddress(test.typed, toASCII)
		if got.Mail() != test.want || !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%q: got %q, %v, want %q, %v", test.typed, got.Mail(), err, test.want, test.err)
		}
	}
}

func TestAnAddressMasksItself(t *testing.T) {
	a := StoredAddress("ann.b@example.org")
	encoded, err := json.Marshal(struct{ A Address }{a})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "address", a)
	for _, shown := range []string{a.String(), fmt.Sprint(a), fmt.Sprintf("%v %s %+v %#v", a, a, a, a),
		fmt.Sprintf("%v", []Address{a}), string(encoded), log.String()} {
		if strings.Contains(shown, "ann.b") || shown == "" {
			t.Errorf("shows %s", shown)
		}
	}
	if !strings.Contains(a.String(), "…@example.org") {
		t.Errorf("got %s, want the domain to be seen", a)
	}
	if strings.Contains(log.String(), "example.org") {
		t.Errorf("a log holds the domain: %s", log.String())
	}
	if got := (Address{}).String(); got != "(no address)" {
		t.Errorf("no address prints as %s", got)
	}
}

func TestAddressesCountAsOneWhateverTheirCase(t *testing.T) {
	a, b := StoredAddress("Ann@example.org"), StoredAddress("ann@example.org")
	if a.Key() != b.Key() || a.Domain() != "example.org" {
		t.Errorf("keys %q and %q, domain %q", a.Key(), b.Key(), a.Domain())
	}
}
