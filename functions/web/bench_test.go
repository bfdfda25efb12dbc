package web_test

import (
	"net/http/httptest"
	"regexp"
	"testing"
	"time"
)

// What each page costs over a table in memory, beside the table's own answer.
func BenchmarkPages(b *testing.B) {
	w := newWorld(b, "2026-02-26T09:00").join()
	for range 40 {
		w.now = w.now.Add(time.Minute)
		w.reply("It was easier than I thought, and the rain had stopped by then.", 4)
	}
	session := w.signIn()
	pages, _ := w.links(session)
	token := regexp.MustCompile(`[a-z2-7]{30,}`)
	for _, path := range pages {
		b.Run(token.ReplaceAllString(path, "…"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.log.Reset()
				rec := httptest.NewRecorder()
				w.handler.ServeHTTP(rec, request("GET", path, nil, session))
				if rec.Code >= 500 {
					b.Fatalf("got status %d", rec.Code)
				}
			}
		})
	}
}
