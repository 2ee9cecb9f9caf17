"""Chats of our own in which every answer is right, and single edits that each make one answer wrong."""

from __future__ import annotations

CLEAN = r"""**User:**

Four problems, please. Keep the letters as they are.

Problem 1. Derivatives by a column vector $x\in\mathbb{R}^n$, a scalar's derivative being a row vector.
(a) $x^Tc$
(b) $\|x\|^2$
(c) $Ax$
(d) $x^TAx$
(e) under which condition is (d) equal to $2x^TA$?

Problem 2. Least squares with the full SVD $X=U\Sigma V^T$, $X$ is $m\times n$ of full rank, not square.
(a) $m>n$: which $w$ minimises $\|Xw-y\|^2$?
(b) put the SVD in and simplify
(c) call the matrix in front of $y$ $A$; what is $AX$?
(d) $m<n$: the minimum-norm solution of $Xw=y$?
(e) put the SVD in and simplify
(f) call the matrix in front of $y$ $B$; what is $XB$?

Problem 3. Ridge regression, $\|y-Xw\|^2+\lambda\|w\|^2$ with $X$ of size $n\times d$.
(a) the minimiser
(b) through the SVD; what happens to the singular values for $\sigma_i\ll\lambda$ and for $\sigma_i\gg\lambda$?
(c) as a MAP estimate with prior $N(0,I)$ and $Y=XW+\sqrt\lambda N$
(d) as OLS with fake rows $\sqrt\lambda I_d$
(e) as a min-norm problem with fake columns $\sqrt\lambda I_n$
(f) the kernel form
(g) $\lambda\to\infty$
(h) $\lambda\to0$ for tall and for wide $X$

Problem 4. A ReLU unit $\phi(x)=\max(0,wx+b)$, loss $\ell=\frac12(\phi(x)-y)^2$, derivative 0 at the elbow.
(a) (i) the elbow $e$
(a) (ii) $d\ell/d\phi$
(a) (iii) $\partial\ell/\partial w$
(a) (iv) $\partial\ell/\partial b$
(b) with $\phi(x)-y=1$ and one gradient step of rate $\lambda>0$, slope and elbow for
(i) $\phi(x)=0$
(ii) $w>0$, $x>0$, $\phi(x)>0$
(iii) $w>0$, $x<0$, $\phi(x)>0$
(iv) $w<0$, $x>0$, $\phi(x)>0$
(c) the elbow $e_i$ of hidden unit $i$ in $\hat f(x)=W^{(2)}\Phi(W^{(1)}x+b)$
(d) the elbow $e_i'$ after one SGD step

**Assistant:**

## Problem 1

**(a)** $\frac{\partial}{\partial x}(x^Tc)=c^T$

**(b)** $\frac{\partial}{\partial x}\|x\|^2=2x^T$

**(c)** $\frac{\partial}{\partial x}(Ax)=A$

**(d)** $\frac{\partial}{\partial x}(x^TAx)=x^T(A+A^T)$

**(e)** The condition is $A=A^T$.

## Problem 2

**(a)** $w^*=(X^TX)^{-1}X^Ty$

**(b)** $w^*=V\Sigma^\dagger U^Ty$

**(c)** $AX=I_n$

**(d)** $w^*=X^T(XX^T)^{-1}y$

**(e)** $w^*=V\Sigma^T(\Sigma\Sigma^T)^{-1}U^Ty=V\Sigma^\dagger U^Ty$

**(f)** $XB=I_m$

## Problem 3

**(a)** $\hat w=(X^TX+\lambda I)^{-1}X^Ty$

**(b)** $\hat w=V(\Sigma^T\Sigma+\lambda I)^{-1}\Sigma^TU^Ty$, with singular values $\frac{\sigma_i}{\sigma_i^2+\lambda}$. If $\sigma_i\ll\lambda$ they are about $\frac{\sigma_i}{\lambda}$. If $\sigma_i\gg\lambda$ they are about $\frac{1}{\sigma_i}$.

**(c)** Up to a constant, $-\log p(w\mid y)=\frac{1}{2\lambda}\|y-Xw\|^2+\frac12\|w\|^2$, whose minimiser is that of the ridge objective.

**(d)** $\|\hat y-\hat Xw\|^2=\|y-Xw\|^2+\lambda\|w\|^2$, so the minimiser is the same.

**(e)** The constraint gives $z=\frac{1}{\sqrt\lambda}(y-Xw)$, hence $\|\eta\|^2=\|w\|^2+\frac{1}{\lambda}\|y-Xw\|^2$.

**(f)** $\hat w=X^T(XX^T+\lambda I)^{-1}y$

**(g)** $\hat w\to0$

**(h)** For tall $X$, $\hat w\to(X^TX)^{-1}X^Ty$. For wide $X$, $\hat w\to X^T(XX^T)^{-1}y$.

## Problem 4

**(a)**

(i) $e=-\frac{b}{w}$

(ii) $\frac{d\ell}{d\phi}=\phi(x)-y$

(iii) $\frac{\partial\ell}{\partial w}=(\phi(x)-y)\,x$ if $wx+b>0$, otherwise $0$

(iv) $\frac{\partial\ell}{\partial b}=\phi(x)-y$ if $wx+b>0$, otherwise $0$

**(b)**

(i) The slope is unchanged and the elbow is unchanged.

(ii) The slope decreases. The elbow can move left or right: it moves right if $w>bx$ and it moves left if $w<bx$.

(iii) The slope increases. The elbow moves right.

(iv) The slope decreases. The elbow moves left.

**(c)** $e_i=-\frac{b_i}{W^{(1)}_i}$

**(d)** For an active unit
$$e_i'=-\frac{b_i-\lambda(\hat f(x)-y)W^{(2)}_i}{W^{(1)}_i-\lambda(\hat f(x)-y)W^{(2)}_i\,x},$$
and for an inactive unit $e_i'=e_i$.
"""

EDITS: tuple[tuple[str, str, str], ...] = (
    # (part, right words, wrong words); the words stand once in the answer
    ("vector-calculus:a", r"(x^Tc)=c^T$", r"(x^Tc)=c$"),
    ("vector-calculus:a", r"(x^Tc)=c^T$", r"(x^Tc)=-c^T$"),
    ("vector-calculus:a", r"(x^Tc)=c^T$", r"(x^Tc)=x^T$"),
    ("vector-calculus:b", r"\|x\|^2=2x^T$", r"\|x\|^2=x^T$"),
    ("vector-calculus:b", r"\|x\|^2=2x^T$", r"\|x\|^2=2x$"),
    ("vector-calculus:b", r"\|x\|^2=2x^T$", r"\|x\|^2=-2x^T$"),
    ("vector-calculus:c", r"(Ax)=A$", r"(Ax)=A^T$"),
    ("vector-calculus:c", r"(Ax)=A$", r"(Ax)=Ax$"),
    ("vector-calculus:d", r"=x^T(A+A^T)$", r"=x^T(A-A^T)$"),
    ("vector-calculus:d", r"=x^T(A+A^T)$", r"=x^T(A+A)$"),
    ("vector-calculus:d", r"=x^T(A+A^T)$", r"=2x^TA$"),
    ("vector-calculus:d", r"=x^T(A+A^T)$", r"=x(A+A^T)$"),
    ("vector-calculus:e", r"condition is $A=A^T$", r"condition is $A=-A^T$"),
    ("vector-calculus:e", r"condition is $A=A^T$", r"condition is $A^TA=I$"),
    ("svd-least-squares:a", r"w^*=(X^TX)^{-1}X^Ty$", r"w^*=(XX^T)^{-1}X^Ty$"),
    ("svd-least-squares:a", r"w^*=(X^TX)^{-1}X^Ty$", r"w^*=(X^TX)^{-1}y$"),
    ("svd-least-squares:a", r"w^*=(X^TX)^{-1}X^Ty$", r"w^*=(X^TX)X^Ty$"),
    ("svd-least-squares:b", r"w^*=V\Sigma^\dagger U^Ty$", r"w^*=U\Sigma^\dagger V^Ty$"),
    ("svd-least-squares:b", r"w^*=V\Sigma^\dagger U^Ty$", r"w^*=V\Sigma^{-1}U^Ty$"),
    ("svd-least-squares:b", r"w^*=V\Sigma^\dagger U^Ty$", r"w^*=V\Sigma^\dagger Uy$"),
    ("svd-least-squares:c", r"AX=I_n$", r"AX=I_m$"),
    ("svd-least-squares:d", r"w^*=X^T(XX^T)^{-1}y$", r"w^*=X^T(X^TX)^{-1}y$"),
    ("svd-least-squares:d", r"w^*=X^T(XX^T)^{-1}y$", r"w^*=-X^T(XX^T)^{-1}y$"),
    ("svd-least-squares:e", r"U^Ty=V\Sigma^\dagger U^Ty$", r"U^Ty=V\Sigma^TU^Ty$"),
    ("svd-least-squares:f", r"XB=I_m$", r"XB=I_n$"),
    ("ridge-regression:a", r"\hat w=(X^TX+\lambda I)^{-1}X^Ty$", r"\hat w=(X^TX-\lambda I)^{-1}X^Ty$"),
    ("ridge-regression:a", r"\hat w=(X^TX+\lambda I)^{-1}X^Ty$", r"\hat w=(X^TX)^{-1}X^Ty+\lambda I$"),
    ("ridge-regression:a", r"\hat w=(X^TX+\lambda I)^{-1}X^Ty$", r"\hat w=(X^TX+\lambda I)^{-1}y$"),
    ("ridge-regression:b", r"\hat w=V(\Sigma^T\Sigma+\lambda I)", r"\hat w=V(\Sigma^T\Sigma-\lambda I)"),
    ("ridge-regression:b", r"about $\frac{\sigma_i}{\lambda}$", r"about $\frac{\lambda}{\sigma_i}$"),
    ("ridge-regression:b", r"about $\frac{1}{\sigma_i}$", r"about $\sigma_i$"),
    ("ridge-regression:c", r"=\frac{1}{2\lambda}\|y", r"=\frac{1}{2\sqrt\lambda}\|y"),
    ("ridge-regression:c", r"\|y-Xw\|^2+\frac12\|w\|^2$, whose", r"\|y-Xw\|^2-\frac12\|w\|^2$, whose"),
    ("ridge-regression:d", r"=\|y-Xw\|^2+\lambda\|w\|^2$, so", r"=\|y-Xw\|^2+\lambda^2\|w\|^2$, so"),
    ("ridge-regression:d", r"=\|y-Xw\|^2+\lambda\|w\|^2$, so", r"=\|y-Xw\|^2-\lambda\|w\|^2$, so"),
    ("ridge-regression:e", r"z=\frac{1}{\sqrt\lambda}(y", r"z=\frac{1}{\lambda}(y"),
    ("ridge-regression:e", r"\|w\|^2+\frac{1}{\lambda}\|y", r"\|w\|^2+\lambda\|y"),
    ("ridge-regression:f", r"\hat w=X^T(XX^T+\lambda I)^{-1}y$", r"\hat w=X^T(X^TX+\lambda I)^{-1}y$"),
    ("ridge-regression:f", r"\hat w=X^T(XX^T+\lambda I)^{-1}y$", r"\hat w=X(XX^T+\lambda I)^{-1}y$"),
    ("ridge-regression:g", r"$\hat w\to0$", r"$\hat w\to(X^TX)^{-1}X^Ty$"),
    ("ridge-regression:g", r"$\hat w\to0$", r"$\hat w\to\infty$"),
    ("ridge-regression:h", r"tall $X$, $\hat w\to(X^TX)^{-1}X^Ty$", r"tall $X$, $\hat w\to0$"),
    ("ridge-regression:h", r"$\hat w\to X^T(XX^T)^{-1}y$", r"$\hat w\to (X^TX)^{-1}X^Ty$"),
    ("relu-elbow:a.i", r"e=-\frac{b}{w}", r"e=\frac{b}{w}"),
    ("relu-elbow:a.i", r"e=-\frac{b}{w}", r"e=-\frac{w}{b}"),
    ("relu-elbow:a.ii", r"{d\phi}=\phi(x)-y$", r"{d\phi}=y-\phi(x)$"),
    ("relu-elbow:a.iii", r"=(\phi(x)-y)\,x$ if", r"=(y-\phi(x))\,x$ if"),
    ("relu-elbow:a.iii", r"=(\phi(x)-y)\,x$ if", r"=(\phi(x)-y)\,w$ if"),
    ("relu-elbow:a.iv", r"{\partial b}=\phi(x)-y$", r"{\partial b}=\phi(x)+y$"),
    ("relu-elbow:b.i", "The slope is unchanged and the elbow is unchanged", "The slope decreases and the elbow moves right"),
    ("relu-elbow:b.ii", "The slope decreases. The elbow can move left or right", "The slope increases. The elbow can move left or right"),
    ("relu-elbow:b.ii", "it moves right if $w>bx$ and it moves left if $w<bx$", "it moves right if $w<bx$ and it moves left if $w>bx$"),
    ("relu-elbow:b.iii", "The slope increases. The elbow moves right.", "The slope increases. The elbow moves left."),
    ("relu-elbow:b.iii", "The slope increases. The elbow moves right.", "The slope decreases. The elbow moves right."),
    ("relu-elbow:b.iii", "The slope increases. The elbow moves right.", "The slope increases. The elbow can move left or right."),
    ("relu-elbow:b.iv", "The slope decreases. The elbow moves left.", "The slope decreases. The elbow moves right."),
    ("relu-elbow:c", r"e_i=-\frac{b_i}{W", r"e_i=\frac{b_i}{W"),
    ("relu-elbow:c", r"{W^{(1)}_i}$", r"{W^{(2)}_i}$"),
    ("relu-elbow:d", r"{W^{(1)}_i-\lambda(", r"{W^{(1)}_i+\lambda("),
    ("relu-elbow:d", r"-\frac{b_i-\lambda(\hat f(x)-y)W^{(2)}_i}", r"-\frac{b_i-\lambda(\hat f(x)-y)}"),
)  # fmt: skip
