package receive

import (
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/inbox"
	"example.org/mend/shared/inbox/mime"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// authService is what Amazon SES calls itself in the Authentication-Results header that it puts
// above all that the sender of a mail wrote.
const authService = "amazonses.com"

// flagOf says whether a reply waits under "was this you?". A reply is proven if From is the
// confirmed address and DMARC says that its domain sent it; or, where the domain has no
// DMARC policy, SPF or DKIM does. A reply address from before a move proves nothing: the
// old mailbox holds it.
func flagOf(r Receipt, mail inbox.Message, p mend.Person, claims token.Claims) mend.ReplyFlag {
	//mutant:never reply: what is not surely theirs is flagged
	if r.Spam == Fail || r.DMARC == Fail {
		return mend.Quarantined
	}
	if !saysItIsTheirs(mail, p) || claims.Epoch != p.Epoch {
		return mend.Unproven
	}
	if r.DMARC == Pass || r.DMARC == Gray && provenWithoutPolicy(r, mail.Authentication, p.Address.Domain()) {
		return mend.NotFlagged
	}
	return mend.Unproven
}

// saysItIsTheirs reports whether From is the confirmed address, proven or not.
func saysItIsTheirs(mail inbox.Message, p mend.Person) bool {
	from, err := account.ParseAddress(mail.From)
	return err == nil && from.Key() == p.Address.Key()
}

// provenWithoutPolicy reports whether the receiving service's own header holds a pass of DKIM or
// SPF for a domain that belongs with the one in From (RFC 7489 section 3.1, relaxed). Of SPF, the
// receipt has to name such a domain as well: the envelope's sender, which no header can change.
func provenWithoutPolicy(r Receipt, header, from string) bool {
	service, results := mime.ParseAuthentication(header)
	if service != authService {
		return false
	}
	proven := false
	for i, result := range results {
		domain := ""
		switch {
		case result.Method == "dmarc":
			if of := result.Properties["header.from"]; result.Value != "none" || of != "" && !aligned(of, from) {
				return false // there is a policy, or no one could tell
			}
		case result.Method == "dkim" && r.DKIM != Fail:
			if domain = result.Properties["header.d"]; domain == "" {
				domain = domainOf(result.Properties["header.i"])
			}
		case result.Method == "spf" && r.SPF != Fail && (r.Sender == "" || aligned(domainOf(r.Sender), from)):
			if domain = result.Properties["smtp.mailfrom"]; domain == "" {
				domain = result.Properties["envelope-from"]
			}
			if domain = domainOf(domain); domain == "" {
				domain = domainOf(r.Sender)
			}
		}
		proven = proven || results[i].Value == "pass" && domain != "" && aligned(domain, from)
	}
	return proven
}

// domainOf is the domain of an address, or the domain itself.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// aligned reports whether two domains belong to one owner, as far as the list of public suffixes
// knows: alice.github.io and bob.github.io do not.
func aligned(a, b string) bool {
	a, b = account.OwnedDomain(a), account.OwnedDomain(b)
	return a != "" && a == b
}
