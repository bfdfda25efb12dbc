package ses

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/restjson"

	"example.org/mend/shared/mend"
)

// refusal is an answer that is not 2xx.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return fmt.Sprintf("%d %s: %s", r.status, r.code, r.message) }

// newRefusal reads an error of the REST-JSON protocol: its code is in a header, or in the body.
func newRefusal(response *http.Response, body []byte) *refusal {
	code, message, _ := restjson.GetErrorInfo(json.NewDecoder(bytes.NewReader(body))) // a proxy's may be anything
	code = restjson.SanitizeErrorCode(cmp.Or(response.Header.Get("X-Amzn-ErrorType"), code))
	return &refusal{response.StatusCode, code, message}
}

// classify joins an error with the class that it belongs to. Without a connection nothing can have
// been said. SES names the addresses that are not verified. If ours is not among them, the account
// is in the sandbox, and only letters to that recipient wait.
func (m *Mailer) classify(err error, connected bool) error {
	var class error // nil: nothing is known
	switch r, refused := errors.AsType[*refusal](err); {
	case !refused && !connected:
		class = mend.ErrNotSent
	case !refused:
	case slices.Contains(closed, r.code):
		class = mend.ErrClosed
	case r.code == "MessageRejected" && strings.Contains(r.message, "not verified"):
		if class = mend.ErrNotSent; strings.Contains(r.message, m.cfg.From.Domain()) {
			class = mend.ErrClosed
		}
	case r.code == "MessageRejected", r.code == "BadRequestException":
		class = mend.ErrRefused
	case r.status == http.StatusForbidden, strings.Contains(r.message, "Daily message quota exceeded"):
		class = mend.ErrClosed
	case r.status == http.StatusTooManyRequests, strings.Contains(r.code, "Throttl"):
		class = mend.ErrNotSent
	}
	return errors.Join(class, err)
}

// closed are the codes that say that nobody's letter is taken.
var closed = []string{"SendingPausedException", "AccountSuspendedException", "LimitExceededException",
	"MailFromDomainNotVerifiedException", "NotFoundException"}
