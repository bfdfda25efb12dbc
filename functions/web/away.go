package web

import (
	"net/http"

	"example.org/mend/shared/account"
)

// While a backup is made fit to send from, the table must not be touched, and nothing is sent. One
// thing still works: a stop is written into the restore journal, and done when the table is back.
// Every other page says that it is away.

// awayRoutes are the routes meanwhile.
func (h *Handler) awayRoutes(on func(pattern string, do action)) {
	on("GET /assets/{name}", h.asset)
	past := func(*http.Request) (account.Access, error) { return account.Access{Past: true}, nil }
	on("GET /stop/{token}", h.view(past, h.showStop))
	on("POST /stop/{token}", h.form(past, func(_ http.ResponseWriter, r *http.Request, _ account.Access) (string, error) {
		return "", h.svc.Account.StopLater(r.Context(), r.PathValue("token"))
	}, h.showStop))
	on("/", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Retry-After", "3600")
		h.apology(w, http.StatusServiceUnavailable)
		return nil
	})
}
