/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection as a line of text.
 */
#ifndef TCPHS_LINE_H
#define TCPHS_LINE_H

struct net;
struct seq_file;
struct tcphs_row;

void tcphs_line_head(struct seq_file *seq);
void tcphs_line_show(struct seq_file *seq, struct net *net,
		     const struct tcphs_row *row);

#endif /* TCPHS_LINE_H */
