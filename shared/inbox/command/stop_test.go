package command_test

import (
	"strings"
	"testing"

	"example.org/mend/shared/inbox/command"
)

// plainStops ask us to stop and nothing else, a line for each language.
var plainStops = map[string][]string{
	"English": {"STOP", "stop.", "Stop!!", "“Stop”", "*STOP*", "S.T.O.P.", "STOP\u200b", "ＳＴＯＰ",
		"STOP 🛑", "please stop",
		"Stop, thanks", "ok, stop now", "Unsubscribe", "unsubscribe me please", "Please take me off your list",
		"Stop sending me these letters", "stop emailing me", "I would like to unsubscribe", "I want to stop",
		"Can you please stop these emails?", "No more letters, please", "Please don't send me any more emails",
		"I no longer want these letters.", "cancel my subscription", "delete my account", "opt out",
		"Hi Mend,\n\nplease stop!\n\nThanks\nAna", "Good morning\n\nUNSUBSCRIBE\n\nKind regards,\nAna Example",
		"Stop. I don't need them any more.", "Stop - it isn't for me, thank you.",
		"Please stop. I have no time for this now. Thank you for everything.",
		"STOP\n\nI have had enough of this year.", "Stop for good", "end", "Hi,\nplease stop.\nThanks, Ann"},
	"German": {
		"STOPP", "Bitte stoppen.", "Abmelden", "Bitte abbestellen!", "Ich möchte mich abmelden",
		"Keine Briefe mehr bitte", "Bitte schickt mir keine Mails mehr", "Hallo,\n\nbitte abmelden.\n\nDanke\nJens",
		"Hör auf", "Stopp. Das reicht mir nicht mehr, danke.",
	},
	"French": {
		"ARRÊT", "Arrêtez", "Arrêter s'il vous plaît", "Stop svp", "me désabonner", "Je souhaite me désabonner",
		"Ne m'envoyez plus de lettres", "Bonjour,\n\nje voudrais me désinscrire.\n\nMerci", "Plus de mails, merci",
		"Stop. Je n'en ai plus besoin.",
	},
	"Spanish": {
		"PARAR", "Detener", "cancelar suscripción", "Quiero darme de baja", "Por favor, cancelen mi suscripción",
		"No me envíen más correos", "Hola,\n\nbasta\n\nGracias", "Dar de baja", "Parar, por favor. Ya no lo necesito.",
	},
	"Portuguese": {
		"PARAR", "Pare, por favor", "Cancelar", "Quero cancelar a assinatura", "Não quero mais receber e-mails",
		"Sair da lista", "Olá, parar por favor. Obrigado", "Descadastrar",
	},
	"Italian": {
		"FERMARE", "basta", "Cancellami", "Vorrei cancellare la mia iscrizione", "Non mandatemi più lettere",
		"disiscrivimi", "Buongiorno, stop per favore. Grazie", "disdire",
	},
	"Dutch": {
		"STOPPEN", "Stop a.u.b.", "Afmelden", "Ik wil me afmelden", "Geen mails meer alstublieft", "uitschrijven graag",
		"Hallo, schrijf me uit. Bedankt", "opzeggen",
	},
	"Swedish": {
		"SLUTA", "Avsluta", "Inga fler brev tack", "Avregistrera mig", "jag vill avsluta prenumerationen",
		"Hej, stoppa breven. Tack", "avprenumerera",
	},
	"Danish": {
		"STOP", "Afmeld", "Ingen flere breve tak", "Jeg vil gerne afmelde mig", "frameld mig", "Hej, stop breve. Tak",
	},
	"Norwegian": {
		"STOPP", "Avslutt", "meld meg av", "Ingen flere brev takk", "Jeg vil avslutte abonnementet", "Hei, stopp. Takk",
	},
	"Finnish": {
		"LOPETA", "Peruuta tilaus", "Haluan lopettaa", "Ei enää kirjeitä", "Lopettakaa, kiitos",
		"Hei, peruuta tilaukseni. Kiitos",
	},
	"Polish": {
		"PRZESTAŃ", "Wypisz mnie", "Proszę anulować subskrypcję", "rezygnuję", "Nie wysyłajcie więcej listów",
		"Dzień dobry, proszę przestać. Dziękuję",
	},
	"Czech": {
		"ODHLÁSIT", "Přestaňte", "Zrušit odběr", "Neposílejte mi už dopisy", "Dobrý den, prosím odhlásit. Děkuji",
		"chci zrušit odběr",
	},
	"Hungarian": {"LEIRATKOZÁS", "Leiratkozom", "Kérem töröljenek", "Nem kérek több levelet", "lemondom"},
	"Romanian":  {"DEZABONARE", "Opriți", "Vreau să mă dezabonez", "Nu mai trimiteți scrisori", "stop, vă rog"},
	"Russian": {
		"СТОП", "Отписаться", "Прекратите", "Пожалуйста, отпишите меня", "Больше не присылайте писем",
		"Я хочу отписаться", "Здравствуйте! Хватит. Спасибо", "Стоп. Мне это больше не нужно.",
	},
	"Ukrainian": {
		"СТОП", "Відписатися", "Припиніть, будь ласка", "Не надсилайте більше листів",
		"Добрий день! Хочу відписатися. Дякую",
	},
	"Greek": {"ΣΤΟΠ", "Σταματήστε", "Διαγραφή", "Θέλω να σταματήσετε", "Όχι άλλα γράμματα παρακαλώ"},
	"Turkish": {
		"DURDUR", "Durdurun lütfen", "abonelikten çık", "Aboneliğimi iptal edin", "Artık mektup istemiyorum",
		"Merhaba, lütfen durdurun. Teşekkürler",
	},
	"Arabic": {
		"توقف", "أوقفوا الرسائل", "إلغاء الاشتراك", "الغاء الاشتراك من فضلك", "أريد إلغاء الاشتراك",
		"لا ترسلوا لي المزيد من الرسائل", "مرحبا، توقف من فضلك. شكرا",
	},
	"Hebrew": {"עצור", "תפסיקו בבקשה", "הסירו אותי", "לבטל מנוי", "אל תשלחו לי יותר מיילים", "שלום, הפסיקו. תודה"},
	"Hindi": {
		"रुको", "बंद करो", "कृपया बंद करें", "सदस्यता रद्द करें", "नमस्ते, कृपया रोकें। धन्यवाद", "ईमेल बंद करो",
	},
	"Chinese":  {"停止", "退订", "请停止发送邮件", "取消订阅", "我想取消订阅", "不要再发邮件", "你好，请退订，谢谢", "停止。我不需要了。"},
	"Japanese": {"停止", "停止してください", "配信停止", "メールを止めてください", "退会したいです", "もう送らないでください", "こんにちは。配信を停止してください。ありがとうございました。"},
	"Korean":   {"중지", "구독 취소", "메일을 그만 보내주세요", "수신거부", "해지해주세요", "안녕하세요, 구독 취소 부탁드립니다. 감사합니다"},
	"Indonesian": {
		"BERHENTI", "Hentikan", "Berhenti berlangganan", "Jangan kirim surat lagi", "tolong hentikan, terima kasih",
	},
	"Vietnamese": {"DỪNG", "Dừng lại", "Hủy đăng ký", "Tôi muốn hủy đăng ký", "Đừng gửi thư nữa"},
}

func TestAPlainStopStopsInTwentyLanguages(t *testing.T) {
	tried, missed := 0, 0
	for language, all := range plainStops {
		for _, words := range all {
			tried++
			if got := command.FindStop(words); got != command.StopPlain {
				missed++
				t.Errorf("%s: %q is %q, want plain", language, words, got)
			}
		}
	}
	t.Logf("%d of %d plain stops missed", missed, tried)
}

// stories have words for stopping and ask us nothing, or may not.
var stories = map[command.Stop][]string{
	command.StopAsks: {
		"She shouted: stop it!", "\"Stop it,\" he said.", "Stop it!\nThat is what I said to him.",
		"1. Stop\n2. Breathe\n3. Listen", "Stop.\nLook.\nListen.", "stop writing to me, he said",
		"I heard it again: stop.", "We talked for an hour.\nStop.\nThen we ate.", "His words:\nstop\n\nMy words:\nno",
		"STOP\nLOOK\nLISTEN", "The sign said:\nSTOP", "\"Stop!\"\n\nThat was all she said.", "Stop this",
		"Please stop that.", "Er rief: stopp!", "Elle a crié : arrête !", "Dijo: basta, parar", "彼は言った。停止。それから。",
		"STOP he found them", "STOP PLEASE HE FOUND OUT", "Hi,\nSTOPP er liest mit\nAna", "STOP Anna", "СТОП он читает",
		"STOP signs everywhere",
	},
	command.NoStop: {
		"I want to stop shouting.", "I had to stop.", "Stop me if you know this one", "I could not stop crying.",
		"We will stop by the river.", "Stop smoking by Friday", "He will not stop calling her",
		"Do not stop these letters", "Please don't stop", "The end", "The end of the line", "Stop signs everywhere",
		"DON'T STOP", "DO NOT STOP", "One.\nTwo.\nThree.\nSTOP signs everywhere",
		"Stop contacting her", "I cancelled the dinner", "Unsubscribe from his life, my sister says",
		"My list of letters", "These emails help me", "No more lies", "Enough about him", "Nothing stops her", "Skip",
		"Rest", "Weekly", "4", "Ich konnte nicht aufhören zu weinen", "Je n'ai pas pu arrêter de pleurer",
		"No pude parar de llorar", "Ich will nicht aufhören", "Jeg vil ikke stoppe", "Я не хочу останавливаться",
		"我不想停止", "それを止めた日のこと", "그만두지 않을 거예요", "לא רוצה לעצור", "لا أريد أن أتوقف عن المحاولة",
		strings.Repeat("stop ", 200),
	},
}

func TestAStoryStopsNothing(t *testing.T) {
	for want, all := range stories {
		for _, words := range all {
			if got := command.FindStop(words); got != want {
				t.Errorf("%q is %q, want %q", words, got, want)
			}
		}
	}
}

func TestCapitalsCountOnAnyLine(t *testing.T) {
	for _, words := range []string{
		"It was kind of you.\nI am well.\nWe live apart now.\n\nSTOP", "I tried.\nSTOP\nIt is too much.",
		"one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve\nthirteen\nPLEASE STOP",
		"4\nPAUSE 2 weeks\nSTOP\nI need quiet.", "Danke.\nEs reicht.\nSTOPP", "Merci\nmais\nARRÊTEZ",
		"Спасибо\nза всё\nОТПИСАТЬСЯ", "We talked.\nUNSUBSCRIBE.",
	} {
		if got := command.FindStop(words); got != command.StopPlain {
			t.Errorf("%q is %q, want plain", words, got)
		}
	}
}

func TestTheFirstLineStopsAboveABlankOne(t *testing.T) {
	for words, want := range map[string]command.Stop{
		"Stop.\n\nI wrote the rest of this last week, before I knew better about her and me.": command.StopPlain,
		"Hi,\n\nunsubscribe\n\nMy brother came on Sunday.":                                    command.StopPlain,
		"Stop.\nMy brother came on Sunday.":                                                   command.StopAsks,
		"My brother came on Sunday.\n\nStop.":                                                 command.StopAsks,
	} {
		if got := command.FindStop(words); got != want {
			t.Errorf("%q is %q, want %q", words, got, want)
		}
	}
}

func TestASubjectStopsUnlessItIsOurs(t *testing.T) {
	for subject, want := range map[string]command.Stop{
		"STOP": command.StopPlain, "unsubscribe": command.StopPlain, "Bitte abmelden": command.StopPlain,
		"Re: STOP": command.StopPlain, "AW: STOPP": command.StopPlain, "Re: Stop": command.NoStop,
		"Re: The open window": command.NoStop, "When he said stop": command.NoStop, "": command.NoStop,
	} {
		if got := command.FindStopInSubject(subject); got != want {
			t.Errorf("subject %q is %q, want %q", subject, got, want)
		}
	}
}

func TestAYesToTheQuestionWhetherToStop(t *testing.T) {
	for _, words := range []string{
		"Yes", "yes.", "YES", "Yes please", "Yes, please.", "yes please stop", "Yes, stop", "Yes I do", "Yes, I do.",
		"I do", "y", "yep", "Please do", "Yes thank you", "Yes, thanks", "Yes!\n\nAna", "Yes\nAna", "Hi,\nyes\nAna",
		"Ja", "ja bitte", "Oui", "Sí", "si", "Sim", "да", "Tak", "はい", "是", "Yes, I want you to stop",
		"Yes, stop everything please", "Yes\n\nHe reads my mail.", "Yes, please end this", "Yes, please delete my data",
		"Yes, I don't need them anymore", "Yes, please. I'm done.", "Yes, thank you for the letters", "I do, thank you",
		"Yes, please don't write any more",
	} {
		if !command.SaysYesToStop(words) {
			t.Errorf("%q counts as no yes", words)
		}
	}
	for _, words := range []string{
		"", "No", "no, go on!", "Yes, that is what she said.", "Yes but only the reminders", "Yes and no",
		"Yes, but not yet", "Yesterday was hard.", "Sure of nothing", "Yes to all of it, she said.",
		"No, yes, I don't know", "Ok, go on", "Ja, aber nur die Erinnerungen", "Please don't", "Yes, go on",
		"Yes, please go on", "Yes. Please continue!", "Yes, please keep them coming", "Yes, please don't",
		"Yes, no need to stop", "Yes, please never stop", "I do want them", "Yes, I do want them", "Ja, bitte weiter",
		"OK", "Ok, thanks",
	} {
		if command.SaysYesToStop(words) {
			t.Errorf("%q counts as a yes", words)
		}
	}
}

func TestStopWins(t *testing.T) {
	for words, want := range map[string]string{
		"STOP": "", "STOP\n\nIt was kind.": "It was kind.", "It was kind.\nSTOP\nAna": "It was kind.\nAna",
		"I want to stop": "I want to stop", "4\nPAUSE 2 weeks\nSTOP\nI need quiet.": "4\nPAUSE 2 weeks\nI need quiet.",
	} {
		r := command.Read(words, wednesday)
		if r.Stop != command.StopPlain || len(r.Orders) != 0 || r.Rest != want {
			t.Errorf("Read(%q) = %+v, want a plain stop and %q", words, r, want)
		}
	}
}
