package capacity

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// Prices of us-east-1 on demand, in November 2026, in US dollars. Package simulation has those of
// what no plan names.
const (
	USDWRU      = 0.625 / 1e6
	USDRRU      = 0.125 / 1e6
	USDSQS      = 0.40 / 1e6
	USDLambda   = 0.20 / 1e6
	USDGBSecond = 0.0000133334 // arm64
	USDKeptGB   = 0.25 + 0.20  // a month in the table, and in its backups
)

// Bill is what something costs, line by line. go run ./infra/lab price prints it.
type Bill struct {
	WRU            float64 `json:"wru"`
	RRU            float64 `json:"rru"`
	SQSRequests    float64 `json:"sqs_requests"`
	LambdaRequests float64 `json:"lambda_requests"`
	LambdaGBs      float64 `json:"lambda_gb_s"`
	S3Puts         float64 `json:"s3_puts,omitempty"`
	S3Gets         float64 `json:"s3_gets,omitempty"`
	SNSMessages    float64 `json:"sns_messages,omitempty"`
	APIRequests    float64 `json:"api_requests,omitempty"`
	USDBesidesSES  float64 `json:"usd_besides_ses"`
	USDSES         float64 `json:"usd_ses"`

	// LogGB is what CloudWatch takes in. Up to 5 GB a month it is free, and so no part of the sum;
	// USDLogs is its price beyond.
	LogGB   float64 `json:"log_gb"`
	USDLogs float64 `json:"usd_logs_beyond_free_tier"`
}

// Price is the bill of a million check-ins, and of a month in which nothing is due. What check-ins
// bring with them depends on what people do, and so stands by itself.
type Price struct {
	PerMillion   Bill    `json:"per_million"`
	IdleMonth    Bill    `json:"idle_month"`
	IdleMonthUSD float64 `json:"idle_month_usd"`

	PerThousandReplies Bill `json:"per_thousand_replies"`
	PerThousandPages   Bill `json:"per_thousand_pages"`
	Kept               Kept `json:"kept"`
}

// With is what a million check-ins cost in US dollars, with the replies and pages that they bring.
func (p Price) With(h Habits) (besidesSES, ses float64) {
	replies, pages := float64(h.Replies)/100*1e3, float64(h.Pages)/100*1e3 // thousands of them
	besidesSES = p.PerMillion.USDBesidesSES + replies*p.PerThousandReplies.USDBesidesSES +
		pages*p.PerThousandPages.USDBesidesSES
	return besidesSES, p.PerMillion.USDSES + replies*p.PerThousandReplies.USDSES
}

// Kept is what the table holds for good: bytes with their index and with the hundred that DynamoDB
// adds to an item, in the table as in its backups.
type Kept struct {
	LetterBytes float64 `json:"letter_bytes"`
	ReplyBytes  float64 `json:"reply_bytes"`
	PersonBytes float64 `json:"person_bytes"` // with one subscription and the address

	USDMonthPerMillionLetters float64 `json:"usd_month_per_million_letters"`
	USDMonthPerMillionReplies float64 `json:"usd_month_per_million_replies"`
	USDMonthPerMillionPeople  float64 `json:"usd_month_per_million_people"`
}

// measuredFile is what `go run ./infra/lab price --write` counted in the simulated world, by quota.
//
//go:embed measured.json
var measuredFile []byte

// Measured is a price that was counted at one quota.
type Measured struct {
	Quota float64 `json:"quota"` // letters a second that SES allows
	Price Price   `json:"price"`
}

// All lists what was measured, the smallest quota first.
var All = sync.OnceValue(func() (all []Measured) {
	if err := json.Unmarshal(measuredFile, &all); err != nil {
		panic("measured.json: " + err.Error()) // it is in the binary, and the tests read it
	}
	return all
})

// At is the price at a quota: that of the largest measured one that is no larger, where letters
// wait at least as long for their turn.
func At(quota float64) Price {
	found := All()[0].Price
	for _, m := range All() {
		if m.Quota <= quota {
			found = m.Price
		}
	}
	return found
}
