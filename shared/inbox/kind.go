package inbox

import (
	"net/mail"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// readHeader notes what the headers of the message say about it.
func (r *reader) readHeader(header textproto.Header) {
	m := &r.message
	m.From = addressOf(header)
	m.MessageID = messageID(header.Get("Message-Id"))
	m.InReplyTo = messageID(header.Get("In-Reply-To"))
	m.Subject = decodeWords(header.Get("Subject"))
	if date, err := mail.ParseDate(header.Get("Date")); err == nil {
		m.Date = date
	}
}

// addressOf is the one address of the From header; "" if there is none, or several.
func addressOf(header textproto.Header) string {
	values := header.Values("From")
	if len(values) != 1 || len(values[0]) > maxHeaderValue {
		return ""
	}
	parser := mail.AddressParser{WordDecoder: &words}
	if list, err := parser.ParseList(values[0]); err == nil {
		if len(list) == 1 {
			return list[0].Address
		}
		return ""
	}
	return bareAddress(values[0])
}

// bareAddress finds the only thing that looks like an address in s.
func bareAddress(s string) string {
	found := ""
	for _, field := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n<>,;:\"()[]'", r) }) {
		at := strings.IndexByte(field, '@')
		if at < 1 || at == len(field)-1 || strings.Count(field, "@") != 1 {
			continue
		}
		field = strings.Trim(field, ".")
		if found != "" && !strings.EqualFold(found, field) {
			return ""
		}
		found = field
	}
	return found
}

// messageID is the first message id of a header, without its brackets.
func messageID(value string) string {
	if open := strings.IndexByte(value, '<'); open >= 0 {
		value = value[open+1:]
		if end := strings.IndexByte(value, '>'); end >= 0 {
			value = value[:end]
		}
	} else {
		value, _, _ = strings.Cut(strings.TrimSpace(value), " ")
	}
	if value = strings.TrimSpace(value); len(value) > 998 || strings.ContainsAny(value, "\r\n") {
		return ""
	}
	return value
}

// judge finds the words among the texts, and decides what kind of mail this is: first what its
// structure says, then its headers, then how mail systems word it that follow no standard.
func (r *reader) judge(header textproto.Header, texts []text) {
	m := &r.message
	var lines []line
	for i, t := range texts {
		if i > 0 {
			lines = append(lines, line{})
		}
		if t.isHTML {
			m.addFlag(HTMLOnly)
			lines = append(lines, htmlLines(t.body)...)
		} else {
			lines = append(lines, splitLines(undoEncoding(t.flowed.unflow(t.body)))...)
		}
	}
	m.readLines(lines, r.options)
	if m.Kind == Empty && r.rfc822 {
		m.Kind = Forwarded
	}
	for _, l := range m.Lines {
		if strings.HasPrefix(l.Text, "-----BEGIN PGP MESSAGE") {
			m.addFlag(Encrypted)
		} else if strings.HasPrefix(l.Text, "-----BEGIN PGP SIGNED") {
			m.addFlag(Signed)
		}
	}
	switch {
	case r.report.complaint:
		m.Kind, m.Report = Complaint, &r.report.Report
	case r.report.delivery:
		m.Kind, m.Report = Bounce, &r.report.Report
		switch r.report.Action {
		case "delayed", "delivered", "relayed", "expanded":
			m.Kind = Automatic // news of a delivery, none of a failure
		}
	case r.report.disposition || isReceipt(m, header):
		m.Kind, m.Report = ReadReceipt, &r.report.Report
	case isBounce(m, header):
		m.Kind, m.Report = Bounce, bounceFromText(m, header)
	case isAutomatic(m, header):
		m.Kind = Automatic
	case isList(header) || r.report.invitation:
		m.Kind = NotOurs
	}
}

// isAutomatic follows RFC 3834 section 5, then what real responders send without it.
func isAutomatic(m *Message, header textproto.Header) bool {
	if auto := firstToken(header.Get("Auto-Submitted")); auto != "" && auto != "no" {
		return true
	}
	switch precedence := firstToken(header.Get("Precedence")); precedence {
	case "auto_reply", "auto-reply", "junk":
		return true
	case "bulk", "list":
		if !isList(header) {
			return true
		}
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Auto-Response", "X-Autoreply-From", "X-Mail-Autoreply", "X-Vacation", "X-Fc-Machinegenerated", "X-Ebay-Mailtracker", "X-Cron-Env", "X-Failed-Recipients", "X-Auto-Submitted", "X-Amavis-Alert", "X-Jira-Fingerprint", "X-Zendesk-Auto"} {
		if v := firstToken(header.Get(name)); v != "" && v != "no" && v != "false" {
			return true
		}
	}
	if suppress := strings.ToLower(header.Get("X-Auto-Response-Suppress")); suppress != "" && suppress != "none" {
		return true // nobody's mail program sets it on what a person writes
	}
	if returnPath := strings.TrimSpace(header.Get("Return-Path")); returnPath == "<>" {
		return true
	}
	if class := strings.ToLower(header.Get("X-Post-Messageclass")); strings.Contains(class, "autoresponder") {
		return true
	}
	local, _, _ := strings.Cut(strings.ToLower(m.From), "@")
	switch local {
	case "mailer-daemon", "postmaster", "autoreply", "auto-reply", "noreply", "no-reply", "donotreply", "do-not-reply", "autoresponder", "root", "cron":
		return true
	}
	subject := foldString(m.Subject)
	for _, prefix := range phrasesOf().automatic {
		// One word alone may begin anybody's subject: "Vacation plans".
		if rest, ok := strings.CutPrefix(subject, prefix); ok && (strings.Contains(prefix, " ") || rest == "" || strings.HasPrefix(strings.TrimLeft(rest, " "), ":")) {
			return true
		}
	}
	return false
}

func firstToken(value string) string {
	token, _, _ := strings.Cut(value, ";")
	token, _, _ = strings.Cut(strings.TrimSpace(token), " ")
	return strings.ToLower(token)
}

// isList reports a mailing list's post or a newsletter (RFC 2919, RFC 2369).
func isList(header textproto.Header) bool {
	return header.Has("List-Id") || header.Has("List-Post") || header.Has("List-Unsubscribe")
}

// isReceipt reports a read receipt in the manner of old mail programs, without RFC 8098.
func isReceipt(m *Message, header textproto.Header) bool {
	subject := foldString(m.Subject)
	for _, prefix := range []string{"read:", "gelesen:", "lu:", "lu :", "leido:", "letto:", "lida:", "gelezen:", "last:", "lest:", "przeczytano:", "прочитано:", "已读:", "開封済み:", "disposition notification", "return receipt", "read receipt", "lesebestatigung", "empfangsbestatigung"} {
		if strings.HasPrefix(subject, prefix) {
			text := foldString(m.Words)
			return strings.Contains(strings.ToLower(header.Get("Content-Type")), "disposition") || strings.Contains(text, "was read on") || strings.Contains(text, "wurde am") || strings.Contains(text, "receipt") || strings.Contains(text, "a ete lu")
		}
	}
	return false
}

// isBounce reports a bounce without RFC 3464.
func isBounce(m *Message, header textproto.Header) bool {
	local, _, _ := strings.Cut(strings.ToLower(m.From), "@")
	daemon := local == "mailer-daemon" || local == "postmaster" || local == "mail-daemon" || header.Has("X-Failed-Recipients") || strings.TrimSpace(header.Get("Return-Path")) == "<>"
	if !daemon {
		return false
	}
	if header.Has("X-Failed-Recipients") {
		return true
	}
	_, ok := containsAny(foldString(m.Subject), bounceSubjects)
	return ok
}

var bounceSubjects = []string{
	"undeliver", "delivery status notification", "delivery failure", "delivery failed", "returned mail", "failure notice", "mail delivery", "could not be delivered", "delivery has failed", "delivery report", "nondeliverable", "non-deliverable", "message not delivered", "failed delivery", "mail system error", "bounce",
	"unzustellbar", "nicht zugestellt", "non remis", "non distribu", "echec", "no se puede entregar", "no entregado", "devuelto", "mancata consegna", "non recapitabile", "nao entregue", "falha na entrega", "onbestelbaar", "kunde inte levereras", "olevererbart", "kan ikke leveres", "nie mozna dostarczyc", "niedostarczon", "не доставлено", "недоставлен", "退信", "配信不能", "반송",
}

// automaticSubjects are what responders put in front of a subject, in any of the languages.
var automaticSubjects = []string{
	"Automatic reply", "Auto reply", "Auto-reply", "Autoreply", "Auto", "Auto response", "Auto-response", "Autoresponse", "Automated reply", "Automated response", "Automatic response", "Out of office", "Out of the office", "OOO", "[Auto reply]", "(Auto reply)", "I am out of", "I'm out of the office", "Vacation", "Away from my", "AutoRe", "Out-of-office", "OutOfOffice", "Autoanswer",
	"Abwesenheitsnotiz", "Abwesenheit", "Abwesend", "Automatische Antwort", "Automatische Abwesenheit", "Autom. Antwort", "Automatisch generierte", "AW: Automatische Antwort", "Ich bin nicht im Büro", "Urlaub",
	"Réponse automatique", "Absence du bureau", "Absent", "Réponse d'absence", "Message d'absence", "Notification d'absence",
	"Respuesta automática", "Fuera de la oficina", "Fuera de oficina", "Ausente", "Autorespuesta", "Ausencia",
	"Risposta automatica", "Fuori ufficio", "Fuori sede", "Assenza", "Assente",
	"Resposta automática", "Fora do escritório", "Ausência", "Ausência temporária",
	"Automatisch antwoord", "Afwezig", "Niet aanwezig", "Automatische beantwoording",
	"Autosvar", "Automatiskt svar", "Automatisk svar", "Frånvaro", "Fraværende", "Ikke til stede", "Fravær", "Frånvarande", "Automatisk svarmail",
	"Automaattinen vastaus", "Poissa", "Autom. vastaus", "Sjálfvirkt svar",
	"Odpowiedź automatyczna", "Automatyczna odpowiedź", "Autoodpowiedź", "Poza biurem",
	"Automatická odpověď", "Automatická odpoveď", "Mimo kancelář", "Automatikus válasz", "Házon kívül", "Răspuns automat",
	"Автоответ", "Автоматический ответ", "Автоматична відповідь", "Автоматичен отговор", "Отсутствие на рабочем месте", "Нет на работе", "Аутоматски одговор", "Automatski odgovor", "Samodejni odgovor",
	"Αυτόματη απάντηση", "Εκτός γραφείου", "Otomatik yanıt", "Otomatik cevap", "Ofis dışında", "Automaatvastus", "Automātiska atbilde", "Automatinis atsakymas", "Resposta automàtica",
	"自动回复", "自動回覆", "自動回復", "自動返信", "自動応答", "不在", "外出", "자동 회신", "자동회신", "부재 중", "부재중", "رد تلقائي", "الرد التلقائي", "خارج المكتب", "תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "การตอบกลับอัตโนมัติ", "ตอบกลับอัตโนมัติ", "Trả lời tự động", "Balasan otomatis", "Jawapan automatik", "پاسخ خودکار", "स्वचालित उत्तर",
}
