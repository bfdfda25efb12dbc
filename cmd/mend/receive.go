package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
)

// receiveCmd is `mend receive`.
type receiveCmd struct {
	On receiveOnCmd `cmd:"" help:"Have SES take the mail of the reply domain."`
}

type receiveOnCmd struct {
	stackFlag
	Yes bool `help:"Do not ask."`
}

// Help is shown by --help.
func (receiveOnCmd) Help() string {
	return `One receipt rule set is active in an account and region, and CloudFormation cannot choose it. This shows which
one is active now and asks before it activates the stack's: whatever the other one received, it then receives no more.`
}

// Run activates the receipt rule set of the stack.
func (c *receiveOnCmd) Run() error {
	ctx := context.Background()
	cfg, outputs, err := c.open(ctx)
	if err != nil {
		return err
	}
	ours := outputs["RuleSet"]
	if ours == "" {
		return errors.New("this stack receives no mail: deploy it with the parameter ReplyDomain")
	}
	client := ses.NewFromConfig(cfg)
	active, err := activeRuleSet(ctx, client)
	if err != nil {
		return err
	}
	if active == ours {
		fmt.Printf("%s is active already. Nothing was changed.\n", ours)
		return nil
	}
	fmt.Printf("Active in %s now: %s.\n", cfg.Region, nameOrNone(active))
	if !c.Yes && !agreed(fmt.Sprintf("Activate %s in its place?", ours)) {
		return nil
	}
	if _, err := client.SetActiveReceiptRuleSet(ctx, &ses.SetActiveReceiptRuleSetInput{RuleSetName: &ours}); err != nil {
		return fmt.Errorf("activate %s: %w", ours, err)
	}
	fmt.Printf("%s is active. `mend doctor` says whether mail finds its way to it.\n", ours)
	return nil
}

// activeRuleSet is the name of the receipt rule set that is active, or "".
func activeRuleSet(ctx context.Context, client *ses.Client) (string, error) {
	out, err := client.DescribeActiveReceiptRuleSet(ctx, &ses.DescribeActiveReceiptRuleSetInput{})
	if err != nil {
		return "", fmt.Errorf("ask SES for its active receipt rule set: %w", err)
	}
	if out.Metadata == nil {
		return "", nil
	}
	return aws.ToString(out.Metadata.Name), nil
}
