package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
)

type receiveCmd struct {
	State string `arg:"" name:"on|off" enum:"on,off" help:"Start or stop receiving."`
	targetFlags
	yesFlag
}

func (c *receiveCmd) Run(ctx context.Context, out io.Writer) error {
	if c.Data != "" {
		return errors.New("mend run receives mail by itself: this command is for a stack on AWS")
	}
	return c.do(ctx, func(in *target) error {
		return in.stack.setReceiving(ctx, out, c.State == "on", c.yesFlag)
	})
}

// setReceiving activates the rule set of the stack, or leaves none active if that one is.
func (s *stack) setReceiving(ctx context.Context, out io.Writer, on bool, yes yesFlag) error {
	active, err := s.activeRuleSet(ctx)
	if err != nil {
		return err
	}
	ours := s.outputs["RuleSet"]
	fmt.Fprintf(out, "Active in %s now: %s.\n", s.cfg.Region, nameOrNone(active))
	if (active == ours) == on {
		fmt.Fprintln(out, "Nothing was changed.")
		return nil
	}
	question, then := fmt.Sprintf("Activate %s in its place?", ours), &ours
	if !on {
		question, then = "Leave none active, so that no reply is taken?", nil
	}
	if err := yes.confirm(ctx, out, question); err != nil {
		return err
	}
	_, err = ses.NewFromConfig(s.cfg).SetActiveReceiptRuleSet(ctx, &ses.SetActiveReceiptRuleSetInput{RuleSetName: then})
	if err != nil {
		return fmt.Errorf("activate %s: %w", nameOrNone(aws.ToString(then)), err)
	}
	fmt.Fprintf(out, "Active now: %s.\n", nameOrNone(aws.ToString(then)))
	return nil
}

// activeRuleSet is the name of the receipt rule set that is active, or "".
func (s *stack) activeRuleSet(ctx context.Context) (string, error) {
	out, err := ses.NewFromConfig(s.cfg).DescribeActiveReceiptRuleSet(ctx, &ses.DescribeActiveReceiptRuleSetInput{})
	if err != nil {
		return "", fmt.Errorf("ask SES for its active receipt rule set: %w", err)
	}
	if out.Metadata == nil {
		return "", nil
	}
	return aws.ToString(out.Metadata.Name), nil
}

func nameOrNone(name string) string { return cmp.Or(name, "none") }
