package mend

import (
	"log/slog"
	"strings"
)

// Address is a normalised e-mail address: the local part as its owner wrote
// it, the domain in lower case and punycode. It is made by [ParseAddress] (or
// read back from a store by [StoredAddress]) and nowhere else.
//
// It masks itself: String, %v and JSON show "a…@example.org". Only [Address.Mail] is the whole.
type Address struct{ mail string }

// StoredAddress is an address that was normalised before it was stored.
func StoredAddress(mail string) Address { return Address{mail} }

// Mail is the whole address, as it stands in an envelope.
func (a Address) Mail() string { return a.mail }

// Domain is what follows the @, in lower case and punycode.
func (a Address) Domain() string {
	_, domain, _ := strings.Cut(a.mail, "@")
	return domain
}

// Key is the form under which addresses count as one: also the local part in
// lower case. Servers may tell Ann@ and ann@ apart (RFC 5321 section 2.4); none
// that people use does, and one person must not be signed up twice.
func (a Address) Key() string { return strings.ToLower(a.mail) }

// Mailbox is the form under which limits count addresses: all the spellings that end in one mailbox
// are one. It leaves out a +tag, which mail servers commonly ignore, and where the provider is
// known to ignore dots or hyphens, those too. It is for limits alone: no letter goes to it, and an
// address that someone blocks or confirms is the one that they wrote.
func (a Address) Mailbox() string {
	local, domain, _ := strings.Cut(a.Key(), "@")
	if tagged, _, ok := strings.Cut(local, "+"); ok && tagged != "" {
		local = tagged
	}
	if same, ok := sameProvider[domain]; ok {
		domain = same
	}
	ignored := func(r rune) bool { return strings.ContainsRune(ignoredBy[domain], r) }
	if plain := strings.Join(strings.FieldsFunc(local, ignored), ""); plain != "" {
		local = plain
	}
	return local + "@" + domain
}

// sameProvider names domains whose addresses end in the same mailboxes as another domain's.
var sameProvider = map[string]string{
	"googlemail.com": "gmail.com", "pm.me": "proton.me", "protonmail.com": "proton.me", "protonmail.ch": "proton.me",
	"me.com": "icloud.com", "mac.com": "icloud.com",
	"ya.ru": "yandex.ru", "yandex.com": "yandex.ru", "yandex.by": "yandex.ru", "yandex.kz": "yandex.ru",
	"yandex.ua": "yandex.ru",
}

// ignoredBy is what providers leave out of the part before the @.
var ignoredBy = map[string]string{"gmail.com": ".", "proton.me": ".-_", "yandex.ru": ".-"}

// String masks the address.
func (a Address) String() string {
	local, domain, ok := strings.Cut(a.mail, "@")
	if !ok || local == "" {
		return "(no address)"
	}
	return string([]rune(local)[:1]) + "…@" + domain
}

// GoString masks the address in %#v too.
func (a Address) GoString() string { return "mend.Address(" + a.String() + ")" }

// LogValue hides the address altogether: a log names people by their id.
func (a Address) LogValue() slog.Value { return slog.StringValue("(address)") }

// MarshalText masks the address, in case a struct that holds one is encoded
// where it should not be. Stores write [Address.Mail] explicitly.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// BadAddress says, in a sentence for the person who typed it, what is wrong
// with an address. It never repeats the address.
type BadAddress string

func (e BadAddress) Error() string { return string(e) }

// The sentences of [ParseAddress].
const (
	AddressMissing   = BadAddress("Please enter your email address.")
	AddressMalformed = BadAddress("That doesn’t look like an email address. It should read like name@example.org.")
	AddressTooLong   = BadAddress("This address is too long for email. Please check it for a typo.")
	AddressQuoted    = BadAddress("We can’t write to addresses in quotation marks. Do you have another one?")
	AddressNonASCII  = BadAddress("Sorry, our letters can’t yet reach an address with letters such as é or 李 before " +
		"the @. Do you have another one?")
	AddressDomain = BadAddress("We can’t send mail to the part after the @. Please check it for a typo.")
)

// ParseAddress normalises what someone typed as their address. toASCII turns
// an internationalised domain into punycode (RFC 5891); it is an argument so that this package
// stays within the standard library.
//
// It accepts a dot-atom local part (RFC 5321 section 4.1.2) of at most 64 octets
// and a domain name of at least two labels; at most 254 octets in all (RFC 5321 erratum 1690).
// Quoted local parts and address literals are valid mail and refused all
// the same: no one signs up for letters with one. Errors are of type [BadAddress].
func ParseAddress(typed string, toASCII func(domain string) (string, error)) (Address, error) {
	typed = strings.TrimSpace(typed)
	at := strings.LastIndexByte(typed, '@')
	local, domain := typed[:max(at, 0)], typed[at+1:]
	switch {
	case typed == "":
		return Address{}, AddressMissing
	case strings.Contains(typed, `"`):
		return Address{}, AddressQuoted
	case local == "" || domain == "":
		return Address{}, AddressMalformed
	case strings.ContainsFunc(local, func(r rune) bool { return r >= 0x80 }):
		return Address{}, AddressNonASCII
	case !isDotAtom(local):
		return Address{}, AddressMalformed
	case len(local) > 64:
		return Address{}, AddressTooLong
	}
	domain, err := toASCII(strings.TrimSuffix(domain, "."))
	if err != nil || !isDomain(domain) {
		return Address{}, AddressDomain
	}
	if len(local)+1+len(domain) > 254 {
		return Address{}, AddressTooLong
	}
	return Address{local + "@" + strings.ToLower(domain)}, nil
}

const lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// isDotAtom follows RFC 5322 section 3.2.3: atoms joined by single dots.
func isDotAtom(s string) bool {
	return !strings.Contains("."+s+".", "..") && strings.Trim(s, lettersAndDigits+".!#$%&'*+-/=?^_`{|}~") == ""
}

// isDomain follows RFC 1123 section 2.1, and wants a top-level domain that is not a number.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, lettersAndDigits+"-") != "" {
			return false
		}
	}
	return len(labels) >= 2 && len(s) <= 253 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}
