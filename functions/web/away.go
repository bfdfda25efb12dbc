package web

import (
	"net/http"

	"example.org/mend/shared/service"
)

// While a backup is made fit to send from, the table must not be touched, and nothing is sent. One
// thing still works: a stop is written into the restore journal, and done when the table is back.
// Every other page says that it is away.

// awayRoutes are the routes meanwhile.
func (h *Handler) awayRoutes(on func(pattern string, do action)) {
	on("GET /assets/{name}", h.asset)
	on("GET /stop/{token}", func(w http.ResponseWriter, r *http.Request) error {
		h.showStop(w, service.Access{Past: true}, service.Settings{}, "")
		return nil
	})
	on("POST /stop/{token}", func(w http.ResponseWriter, r *http.Request) error {
		if err := h.svc.StopLater(r.Context(), r.PathValue("token")); err != nil {
			return err
		}
		h.showStop(w, service.Access{Past: true}, service.Settings{}, "stop")
		return nil
	})
	on("/", func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Retry-After", "3600")
		h.apology(w, http.StatusServiceUnavailable)
		return nil
	})
}
